// A real OpenID Connect provider (npm oidc-provider) with invented people, for the tests.
//
// Reads one JSON object: port, redirectUri, afterSignOut, clientSecret, people by subject. Writes
// "ready" once it listens on localhost. Whoever `GET /test/who/<subject>` named last signs in
// without a form; "nobody" declines.

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const given = JSON.parse(readFileSync(0, 'utf8'));
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let who = Object.keys(given.people)[0];

const provider = new Provider(`http://localhost:${given.port}`, {
  clients: [{
    client_id: 'desk/malli', // is written form-encoded in the Authorization header
    client_secret: given.clientSecret,
    redirect_uris: [given.redirectUri],
    post_logout_redirect_uris: [given.afterSignOut],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES256',
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'one' }] },
  cookies: { keys: ['test-only'] },
  claims: { openid: ['sub'], profile: ['name', 'desk_roles', 'urn:oid:1.2.246.21'] },
  acrValues: ['loa3'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
  findAccount: (_context, subject) => given.people[subject] && {
    accountId: subject,
    claims: () => ({ sub: subject, ...given.people[subject] }),
  },
  loadExistingGrant: async (context) => {
    const { client, session, params } = context.oidc;
    const grant = new context.oidc.provider.Grant({
      clientId: client.clientId, accountId: session.accountId,
    });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (context.path.startsWith('/test/who/')) {
    who = context.path.slice('/test/who/'.length);
    context.body = who;
    return;
  }
  if (!context.path.startsWith('/login/')) {
    await next();
    return;
  }
  await provider.interactionDetails(context.req, context.res);
  const result = who === 'nobody'
    ? { error: 'access_denied', error_description: 'nobody signed in' }
    : { login: { accountId: who, acr: 'loa3' } };
  await provider.interactionFinished(context.req, context.res, result);
  context.respond = false;
});

provider.listen(given.port, 'localhost', () => console.log('ready'));
