/**
 * SD-JWT VC through @sd-jwt/sd-jwt-vc: verifying what an issuer gave, and the token status list behind it.
 */
import { createHash } from 'node:crypto'

import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { decodeJwt, decodeProtectedHeader } from 'jose'

import { authorityKeyOf, publicJwkOf, trustedLeaf } from './crypto.mjs'

const common = { hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt }

/**
 * Checks a signature with the key of the x5c leaf named in the JWT's own header.
 *
 * The library looks at neither `typ` nor `alg`, nor whether a status list is the one that was asked for.
 */
export const verifierBy = ({ typ, sub, anchors }) => async (signingInput, signature) => {
  const jwt = `${signingInput}.${signature}`
  const header = decodeProtectedHeader(jwt)
  if (header.typ !== typ) throw new Error(`typ is ${header.typ}, expected ${typ}`)
  if (header.alg !== 'ES256') throw new Error(`alg is ${header.alg}, expected ES256`)
  if (sub !== undefined && decodeJwt(jwt).sub !== sub) throw new Error('this is another status list')
  const verify = await ES256.getVerifier(publicJwkOf(trustedLeaf(header.x5c, anchors)))
  return verify(signingInput, signature)
}

/**
 * Fetches type metadata from where an issuer publishes them; a `urn:` says nothing of a place.
 *
 * The bytes have to be those that the credential names (`vct#integrity`): base64, where the library compares hex.
 */
const typeMetadataAt = (base) => async (vct, integrity) => {
  const response = await fetch(`${base}/type-metadata/${encodeURIComponent(vct)}`)
  if (!response.ok) throw new Error(`type metadata: ${response.status}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  const found = `sha256-${createHash('sha256').update(bytes).digest('base64')}`
  if (integrity !== found) throw new Error(`type metadata: ${found}, and the credential says ${integrity}`)
  return JSON.parse(bytes)
}

/**
 * Verifies an SD-JWT VC; the library also fetches the status list and refuses any entry but 0.
 *
 * @param {{credential: string, anchors?: string[], statusAnchors?: string[], typeMetadata?: string}} wish
 *   anchors in PEM; `typeMetadata` is the base URL of the type metadata, which are then read as well
 * @returns {Promise<{claims: object, header: object, presentableKeys: string[], typeMetadata?: object}>}
 */
export async function verifyCredential({ credential, anchors, statusAnchors, typeMetadata }) {
  const sub = decodeJwt(credential.split('~')[0]).status?.status_list?.uri
  const library = new SDJwtVcInstance({
    ...common,
    verifier: verifierBy({ typ: 'dc+sd-jwt', anchors }),
    statusVerifier: verifierBy({ typ: 'statuslist+jwt', sub, anchors: statusAnchors }),
    ...(typeMetadata && { loadTypeMetadataFormat: true, vctFetcher: typeMetadataAt(typeMetadata) }),
  })
  const verified = await library.verify(credential)
  return {
    claims: verified.payload,
    header: verified.header,
    presentableKeys: await library.presentableKeys(credential),
    typeMetadata: verified.typeMetadata?.mergedTypeMetadata,
  }
}

/** What an SD-JWT VC says to its holder, unverified: every disclosure laid open. */
export async function openCredential(credential) {
  const library = new SDJwtVcInstance(common)
  const [jwt] = credential.split('~')
  return {
    vct: decodeJwt(jwt).vct,
    claims: await library.getClaims(credential),
    authorityKeys: decodeProtectedHeader(jwt).x5c.map(authorityKeyOf).filter(Boolean),
  }
}

/**
 * The credential cut down to `frame` and bound to a receiver.
 *
 * @param {{credential: string, holderKey: object, frame: object, audience: string, nonce: string}} wish
 *   `holderKey` is a private JWK, `frame` the library's presentation frame
 */
export async function presentCredential({ credential, holderKey, frame, audience, nonce }) {
  const library = new SDJwtVcInstance({ ...common, kbSigner: await ES256.getSigner(holderKey), kbSignAlg: 'ES256' })
  const iat = Math.floor(Date.now() / 1000)
  return library.present(credential, frame, { kb: { payload: { iat, aud: audience, nonce } } })
}
