/**
 * Receiving a credential that was offered by a pre-authorised code, with @openid4vc/openid4vci.
 */
import { clientAuthenticationDynamic, clientAuthenticationNone, Oauth2Client } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'

import { verifyCredential } from './credential.mjs'
import { callbacksFor, newKey, publicPart, signerFor } from './crypto.mjs'
import { fetchingWith } from './envelopes.mjs'

/**
 * Follows an offer to its end: metadata, token, nonce, proof, credential, check, notification.
 *
 * When the issuer has nothing to sign yet, the answer is what `collect` needs to come back.
 *
 * @param {{offer: string, txCode?: string, clientId?: string, copies?: number, signedMetadata?: boolean,
 *   encrypted?: boolean, anchors?: string[], statusAnchors?: string[]}} wish
 *   Without `clientId` the library chooses how to authenticate from the server's metadata. `copies`: how many keys
 *   are proved. `signedMetadata` and `encrypted`: what the library does not do by itself, around its requests.
 */
export async function receive({
  offer, txCode, clientId, copies = 1, signedMetadata = false, encrypted = false, anchors, statusAnchors,
}) {
  const seen = []
  const holderKeys = await Promise.all(Array.from({ length: copies }, newKey))
  const dpopKey = await newKey()
  const callbacks = callbacksFor({
    keys: [...holderKeys, dpopKey],
    anchors: signedMetadata ? anchors : undefined,
    seen,
    fetching: fetchingWith({ signedMetadata, encrypted }),
    clientAuthentication: clientId
      ? clientAuthenticationNone({ clientId })
      : clientAuthenticationDynamic({ clientId: 'interop-wallet', clientSecret: '' }),
  })
  const client = new Openid4vciClient({ callbacks })

  const credentialOffer = await client.resolveCredentialOffer(offer)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse: token, dpop } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    txCode,
    dpop: dpopIfOffered(issuerMetadata, callbacks, dpopKey),
  })

  return obtained({
    client, issuerMetadata, holderKeys, token, dpop, dpopKey, seen, clientId, anchors, statusAnchors,
    configurationId: credentialOffer.credential_configuration_ids[0],
  })
}

/**
 * Nonce, proofs, credential, check, notification; or, when the issuer has nothing to sign yet, what `collect` needs.
 *
 * @param {{client: Openid4vciClient, issuerMetadata: object, configurationId: string, holderKeys: object[],
 *   token: object, dpop?: object, dpopKey: object, clientId?: string, proofsOf?: Function, asItComes?: boolean,
 *   seen: object[], anchors?: string[], statusAnchors?: string[]}} wish
 *   `token` is the token response. `proofsOf` makes proofs of another kind than those that the keys sign alone.
 *   `asItComes`: ask by the name that the library always takes.
 */
export async function obtained(wish) {
  const { client, issuerMetadata, configurationId, holderKeys, token, dpop, dpopKey, seen } = wish
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
  const proofs = await (wish.proofsOf ?? jwtProofs)({ ...wish, nonce })
  const asking = { issuerMetadata, accessToken: token.access_token, dpop, proofs }
  const [named] = token.authorization_details?.[0]?.credential_identifiers ?? []
  const identifier = wish.asItComes ? undefined : named
  const reply = identifier
    ? await byIdentifier(client, identifier, asking)
    : await client.retrieveCredentials({ ...asking, credentialConfigurationId: configurationId })
  if (!reply.ok) throw refused(reply)

  const from = {
    issuer: issuerMetadata.credentialIssuer.credential_issuer,
    configurationId,
    identifier,
    holderKey: holderKeys[0],
    copiesFor: holderKeys.map(publicPart),
    metadataHeader: issuerMetadata.signedCredentialIssuer?.jwt.header ?? null,
    dpopKey: dpop && dpopKey,
    accessToken: token.access_token,
    tokenType: token.token_type,
    version: issuerMetadata.originalDraftVersion,
    understood: Object.keys(issuerMetadata.knownCredentialConfigurations),
  }
  const { credentialResponse: response } = reply
  if (response.transaction_id) return laterFrom(from, reply, seen)
  return kept({ ...wish, dpop: dpop && { ...dpop, ...reply.dpop }, from, response })
}

/** A proof by each key, signed by itself. */
export async function jwtProofs({ client, issuerMetadata, configurationId, holderKeys, nonce, clientId, keyAttestationJwt }) {
  const proofs = await Promise.all(
    holderKeys.map((key) =>
      client.createCredentialRequestJwtProof({
        issuerMetadata,
        credentialConfigurationId: configurationId,
        signer: signerFor(key),
        nonce,
        clientId,
        keyAttestationJwt,
      }),
    ),
  )
  return { jwt: proofs.map(({ jwt }) => jwt) }
}

/**
 * Asks for what the token response names (OpenID4VCI 8.2), which `retrieveCredentials` cannot: it names the
 * configuration, always.
 */
async function byIdentifier(client, identifier, { issuerMetadata, accessToken, dpop, proofs }) {
  const reply = await client.oauth2Client.resourceRequest({
    url: issuerMetadata.credentialIssuer.credential_endpoint,
    accessToken,
    dpop,
    callbacks: client.options.callbacks,
    requestOptions: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ credential_identifier: identifier, proofs }),
    },
  })
  return reply.ok ? { ...reply, credentialResponse: await reply.response.clone().json() } : reply
}

/**
 * Comes back for a credential that was not ready: deferred endpoint, check, notification.
 *
 * @param {{waiting: object, anchors?: string[], statusAnchors?: string[]}} wish
 *   `waiting` is what `receive`, or this, answered while there was nothing to collect.
 */
export async function collect({ waiting, anchors, statusAnchors }) {
  const { transactionId, interval: _interval, ...from } = waiting
  const seen = []
  const callbacks = callbacksFor({
    keys: [from.holderKey, from.dpopKey].filter(Boolean),
    seen,
    fetching: fetchingWith(),
    clientAuthentication: clientAuthenticationNone({ clientId: 'interop-wallet' }),
  })
  const client = new Openid4vciClient({ callbacks })
  const issuerMetadata = await client.resolveIssuerMetadata(from.issuer)
  const dpop = from.dpopKey && { signer: signerFor(from.dpopKey) }
  const reply = await client.retrieveDeferredCredentials({
    issuerMetadata, accessToken: from.accessToken, transactionId, dpop,
  })
  const { deferredCredentialResponse: response } = reply
  if (!response.credentials) return laterFrom(from, { ...reply, credentialResponse: response }, seen)
  return kept({ client, issuerMetadata, dpop, from, response, anchors, statusAnchors, seen })
}

/** What is needed to come back, and how the issuer said so. */
const laterFrom = (from, { credentialResponse: { transaction_id: transactionId, interval }, response }, seen) => ({
  waiting: { ...from, transactionId, interval },
  status: response.status,
  seen,
})

/** The credential that came, checked, with the issuer told that it did. */
async function kept({ client, issuerMetadata, dpop, from, response, anchors, statusAnchors, seen }) {
  const { credentials, notification_id: notificationId } = response
  const credential = credentials[0].credential ?? credentials[0]
  const verified = await verifyCredential({ credential, anchors, statusAnchors })
  const copies = await Promise.all(
    credentials.map(async (one) => (await verifyCredential({ credential: one.credential, anchors, statusAnchors })).claims),
  )
  const notification = notificationId && (await client.sendNotification({
    issuerMetadata,
    accessToken: from.accessToken,
    notification: { notificationId, event: 'credential_accepted' },
    dpop,
  }))
  const { holderKey, accessToken: _token, dpopKey: _key, ...about } = from
  return {
    credential,
    holderKey,
    holderJwk: publicPart(holderKey),
    ...about,
    credentialCount: credentials.length,
    copies,
    notified: notification ? notification.response.status : null,
    seen,
    ...verified,
  }
}

function dpopIfOffered(issuerMetadata, callbacks, key) {
  const client = new Oauth2Client({ callbacks })
  const [authorizationServerMetadata] = issuerMetadata.authorizationServers
  return client.isDpopSupported({ authorizationServerMetadata }).supported ? { signer: signerFor(key) } : undefined
}

/** An answer that the library did not take as a credential response, as an error with that answer in it. */
function refused(reply) {
  const complaint = reply.credentialResponseResult?.error?.message
  return Object.assign(new Error(complaint ?? 'the credential endpoint refused'), { response: reply })
}
