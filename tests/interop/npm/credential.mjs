/**
 * SD-JWT VC through @sd-jwt/sd-jwt-vc: verifying what an issuer gave, and the token status list behind it.
 */
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { decodeJwt, decodeProtectedHeader } from 'jose'

import { publicJwkOf, trustedLeaf } from './crypto.mjs'

/** Checks a signature with the key of the x5c leaf named in the JWT's own header. */
const verifierBy = ({ typ, anchors }) => async (signingInput, signature) => {
  const header = decodeProtectedHeader(`${signingInput}.${signature}`)
  // The library itself looks at neither member.
  if (header.typ !== typ) throw new Error(`typ is ${header.typ}, expected ${typ}`)
  if (header.alg !== 'ES256') throw new Error(`alg is ${header.alg}, expected ES256`)
  const verify = await ES256.getVerifier(publicJwkOf(trustedLeaf(header.x5c, anchors)))
  return verify(signingInput, signature)
}

/**
 * The library's object, set up to verify, and to sign key bindings with `holderKey` when given.
 *
 * @param {{anchors?: string[], statusAnchors?: string[], holderKey?: object}} options PEM anchors, private JWK
 */
export async function sdJwtVc({ anchors, statusAnchors, holderKey }) {
  return new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    verifier: verifierBy({ typ: 'dc+sd-jwt', anchors }),
    statusVerifier: verifierBy({ typ: 'statuslist+jwt', anchors: statusAnchors }),
    ...(holderKey && { kbSigner: await ES256.getSigner(holderKey), kbSignAlg: 'ES256' }),
  })
}

/**
 * Verifies an SD-JWT VC; the library also fetches the status list and refuses any entry but 0.
 *
 * @returns {Promise<{claims: object, header: object, presentableKeys: string[]}>} `claims` with everything disclosed
 */
export async function verifyCredential({ credential, anchors, statusAnchors }) {
  const library = await sdJwtVc({ anchors, statusAnchors })
  const { payload, header } = await library.verify(credential)
  return { claims: payload, header, presentableKeys: await library.presentableKeys(credential) }
}

/** What an SD-JWT VC says to its holder, unverified: every disclosure laid open. */
export async function openCredential(credential) {
  const library = await sdJwtVc({})
  return { vct: decodeJwt(credential.split('~')[0]).vct, claims: await library.getClaims(credential) }
}
