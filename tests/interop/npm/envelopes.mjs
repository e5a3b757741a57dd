/**
 * What the @openid4vc libraries do not do by themselves: ask for signed metadata, encrypt credential requests and
 * open encrypted responses (OpenID4VCI 1.0, 12.2.2 and 10). Their own messages go through unchanged.
 */
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'

import { newKey, publicPart } from './crypto.mjs'

const WELL_KNOWN = '/.well-known/openid-credential-issuer'
const [ALG, ENC] = ['ECDH-ES', 'A256GCM']

/** A fetch that asks for signed metadata, or puts credential messages into envelopes. */
export function fetchingWith({ signedMetadata, encrypted }) {
  let metadata
  return async (input, init = {}) => {
    const { pathname } = new URL(input)
    if (pathname.startsWith(WELL_KNOWN)) {
      const response = await fetch(input, { ...init, ...(signedMetadata && { headers: { accept: 'application/jwt' } }) })
      if (encrypted) metadata = await response.clone().json()
      return response
    }
    return encrypted && `${input}` === metadata?.credential_endpoint ? enveloped(input, init, metadata) : fetch(input, init)
  }
}

async function enveloped(input, init, { credential_request_encryption: offered }) {
  const [recipient] = offered.jwks.keys
  const key = { ...(await newKey()), kid: 'for-this-request' }
  const body = {
    ...JSON.parse(init.body),
    // `alg` beside the key is the name of old drafts, which their own schema still demands.
    credential_response_encryption: {
      jwk: { ...publicPart(key), kid: key.kid, alg: ALG, use: 'enc' }, alg: ALG, enc: ENC,
    },
  }
  const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(body)))
    .setProtectedHeader({ alg: recipient.alg, enc: ENC, kid: recipient.kid })
    .encrypt(await importJWK(recipient, recipient.alg))
  const headers = new Headers(init.headers)
  headers.set('content-type', 'application/jwt')
  const response = await fetch(input, { ...init, headers, body: jwe })
  if (!response.headers.get('content-type').startsWith('application/jwt')) return response
  const { plaintext, protectedHeader } = await compactDecrypt(await response.text(), await importJWK(key, ALG))
  if (protectedHeader.kid !== key.kid) throw new Error('the envelope does not say which key it is for')
  const opened = new Response(plaintext, { status: response.status, headers: { 'content-type': 'application/json' } })
  return Object.assign(opened, { wasSealed: true })
}
