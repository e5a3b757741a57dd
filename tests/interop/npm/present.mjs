/**
 * Answering a verifier's request, with @openid4vc/openid4vp, dcql and @sd-jwt/sd-jwt-vc.
 */
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { DcqlQuery } from 'dcql'

import { openCredential, presentCredential } from './credential.mjs'
import { callbacksFor } from './crypto.mjs'

const ENCRYPTION = {
  authorization_encryption_alg_values_supported: ['ECDH-ES'],
  authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
}

/**
 * Resolves the signed request, answers its query from the credentials held, encrypts and posts the answer.
 *
 * @param {{request: string, held: {credential: string, holderKey: object}[], anchors?: string[], enc?: string[],
 *   times?: number, heedless?: boolean}} wish
 *   `anchors`: what the verifier's certificate must chain to. `enc`: content encryption this wallet can do.
 *   `times`: how often the very same answer is posted (2 plays a replay). `heedless`: this wallet does not look at
 *   whose credentials the verifier accepts.
 */
export async function present({ request, held, anchors, enc, times = 1, heedless = false }) {
  const seen = []
  const client = new Openid4vpClient({ callbacks: callbacksFor({ keys: [], anchors, seen }) })

  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: request })
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params })
  const { authorizationRequestPayload, dcql, client: verifier } = resolved

  const query = heedless ? fromAnybody(dcql.query) : dcql.query
  const { vpToken, disclosed } = await answer(query, held, {
    audience: verifier.effective,
    nonce: authorizationRequestPayload.nonce,
  })
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload,
    authorizationResponsePayload: { vp_token: vpToken },
    jarm: {
      encryption: {},
      serverMetadata: { ...ENCRYPTION, ...(enc && { authorization_encryption_enc_values_supported: enc }) },
    },
  })

  const replies = []
  for (let round = 0; round < times; round += 1) {
    const { response: reply } = await client.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload,
      authorizationResponsePayload: response.authorizationResponsePayload,
      jarm: response.jarm,
    })
    replies.push({ status: reply.status, body: await reply.text() })
  }
  return {
    replies,
    disclosed,
    clientId: verifier.effective,
    prefix: verifier.prefix,
    version: resolved.version,
    requestHeader: resolved.jar.jwt.header,
    requestPayload: authorizationRequestPayload,
    seen,
  }
}

/**
 * For each credential query the first held credential that satisfies it, or all where several may be shown, cut down
 * to what was asked.
 */
export async function answer(query, held, { audience, nonce }) {
  const opened = await Promise.all(held.map(({ credential }) => openCredential(credential)))
  const parsed = DcqlQuery.parse(query)
  DcqlQuery.validate(parsed)
  const result = DcqlQuery.query(
    parsed,
    opened.map(({ vct, claims, authorityKeys }) => ({
      credential_format: 'dc+sd-jwt',
      vct,
      claims,
      cryptographic_holder_binding: true,
      ...(authorityKeys.length > 0 && { authority: { type: 'aki', values: authorityKeys } }),
    })),
  )
  if (!result.can_be_satisfied) throw new Error('the credentials held cannot satisfy the query')

  const vpToken = {}
  const disclosed = {}
  for (const [id, match] of Object.entries(result.credential_matches)) {
    if (!match.success) continue
    const { multiple } = parsed.credentials.find((one) => one.id === id)
    const chosen = multiple ? match.valid_credentials : match.valid_credentials.slice(0, 1)
    disclosed[id] = chosen[0].claims.valid_claim_sets[0].output
    vpToken[id] = await Promise.all(
      chosen.map(({ input_credential_index: place, claims }) =>
        presentCredential({
          ...held[place], frame: frameOf(claims.valid_claim_sets[0].output), audience, nonce,
        }),
      ),
    )
  }
  return { vpToken, disclosed }
}

/** The query without a word of whose credentials will do. */
const fromAnybody = ({ credentials, ...rest }) => ({
  ...rest,
  credentials: credentials.map(({ trusted_authorities: _ignored, ...query }) => query),
})

/** The library's presentation frame for these claims: the same shape with `true` at every leaf. */
function frameOf(value) {
  if (value === null || typeof value !== 'object') return true
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, frameOf(member)]))
}
