/**
 * Keys and the cryptographic callbacks that the @openid4vc libraries ask for, on jose and node:crypto.
 */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'

import {
  base64url, calculateJwkThumbprint, CompactEncrypt, compactVerify, exportJWK, generateKeyPair, importJWK, SignJWT,
} from 'jose'

/** The public members of an EC key, and nothing else. */
export const publicPart = ({ kty, crv, x, y }) => ({ kty, crv, x, y })

/** A fresh ES256 key pair as a private JWK. */
export async function newKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return exportJWK(privateKey)
}

export const signerFor = (privateJwk) => ({ method: 'jwk', alg: 'ES256', publicJwk: publicPart(privateJwk) })

const certificateFrom = (x5cEntry) => new X509Certificate(Buffer.from(x5cEntry, 'base64'))

/**
 * The leaf of an x5c header, after its chain has been walked up to one of the anchors.
 *
 * @param {string[]} x5c base64 DER, leaf first
 * @param {string[] | undefined} anchors PEM; undefined means that the caller pins nothing
 */
export function trustedLeaf(x5c, anchors) {
  const chain = x5c.map(certificateFrom)
  if (anchors === undefined) return chain[0]
  const roots = anchors.map((pem) => new X509Certificate(pem))
  for (const [place, certificate] of chain.entries()) {
    const above = chain[place + 1]
    const issuer = above ?? roots.find((root) => certificate.checkIssued(root))
    if (!issuer) throw new Error('the certificate chain does not end in a pinned anchor')
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw new Error('a certificate in the chain is not signed by the one above it')
    }
  }
  return chain[0]
}

const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex')
const [OCTET_STRING, SEQUENCE, KEY_IDENTIFIER] = [0x04, 0x30, 0x80]

/**
 * Whose key a certificate says has signed it, in base64url; undefined when it does not say.
 *
 * node:crypto does not read the extension, so it is looked up in the DER (RFC 5280 4.2.1.1).
 */
export function authorityKeyOf(x5cEntry) {
  const der = Buffer.from(x5cEntry, 'base64')
  const place = der.indexOf(AUTHORITY_KEY_IDENTIFIER)
  if (place < 0) return undefined
  const [outer, , inner, , first, length, ...rest] = der.subarray(place + AUTHORITY_KEY_IDENTIFIER.length)
  if (outer !== OCTET_STRING || inner !== SEQUENCE || first !== KEY_IDENTIFIER) return undefined
  return base64url.encode(Uint8Array.from(rest.slice(0, length)))
}

export const publicJwkOf = (certificate) => certificate.publicKey.export({ format: 'jwk' })

/**
 * The callback context of the @openid4vc libraries.
 *
 * @param {{keys: object[], anchors?: string[], clientAuthentication?: Function, fetching?: Function, seen: object[]}}
 *   options `keys` are the private JWKs that may sign; every request made is noted in `seen`.
 */
export function callbacksFor({ keys, anchors, clientAuthentication, fetching = fetch, seen }) {
  return {
    clientAuthentication,
    fetch: notingFetch(fetching, seen),
    hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    signJwt: (signer, jwt) => signWith(keys, signer, jwt),
    verifyJwt: (signer, { compact }) => verifySigned(signer, compact, anchors),
    encryptJwe,
    decryptJwe: () => ({ decrypted: false }),
    getX509CertificateMetadata: (text) => subjectAlternativeNames(certificateFrom(text)),
  }
}

function notingFetch(fetching, seen) {
  return async (input, init) => {
    const response = await fetching(input, init)
    seen.push({
      method: (init?.method ?? 'GET').toUpperCase(),
      path: new URL(input).pathname,
      status: response.status,
      sealed: response.wasSealed ?? false,
      contentType: response.headers.get('content-type'),
    })
    return response
  }
}

async function signWith(keys, signer, { header, payload }) {
  const publicJwk = signer.method === 'x5c' ? publicJwkOf(certificateFrom(signer.x5c[0])) : signer.publicJwk
  const wanted = await calculateJwkThumbprint(publicPart(publicJwk))
  for (const key of keys) {
    if ((await calculateJwkThumbprint(publicPart(key))) === wanted) {
      const jwt = await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(key, 'ES256'))
      return { jwt, signerJwk: publicJwk }
    }
  }
  throw new Error('the wallet does not hold the key it was asked to sign with')
}

async function verifySigned(signer, compact, anchors) {
  const jwk = signer.method === 'x5c' ? publicJwkOf(trustedLeaf(signer.x5c, anchors)) : signer.publicJwk
  await compactVerify(compact, await importJWK(jwk, signer.alg), { algorithms: ['ES256'] })
  return { verified: true, signerJwk: jwk }
}

async function encryptJwe(encryptor, text) {
  const { publicJwk, alg, enc, apu, apv } = encryptor
  const header = { alg, enc, ...(publicJwk.kid && { kid: publicJwk.kid }) }
  const jwe = await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader(header)
    .setKeyManagementParameters({ ...(apu && { apu: base64url.decode(apu) }), ...(apv && { apv: base64url.decode(apv) }) })
    .encrypt(await importJWK(publicJwk, alg))
  return { jwe, encryptionJwk: publicJwk }
}

function subjectAlternativeNames(certificate) {
  const names = (certificate.subjectAltName ?? '').split(', ')
  const ofKind = (kind) => names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length))
  return { sanDnsNames: ofKind('DNS:'), sanUriNames: ofKind('URI:') }
}
