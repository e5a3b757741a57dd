/**
 * Other people's reading and writing of the formats, many cases in one go.
 *
 *   node formats.mjs < [{"do": "...", ...}, ...] > [{"result": ...} | {"error": "..."}, ...]
 *
 * issue     {claims, frame, header, issuerKey}                -> SD-JWT VC by @sd-jwt/sd-jwt-vc
 * verify    {credential, issuerKey, holderKey?, nonce?}       -> {claims, kb?}; keys are JWKs
 * bind      {credential, frame, holderKey, payload}           -> SD-JWT+KB
 * answer    {query, held, audience, nonce}                    -> {vpToken, disclosed}, as the wallet answers a request
 * encrypt   {text, jwk, enc, apu?, apv?}, decrypt {jwe, jwk}  -> by jose
 * status    {token, indexes}                                  -> the entries by @sd-jwt/jwt-status-list
 * pack      {entries, bits}                                   -> `lst` by the same
 * list      {entries, bits, payload, issuerKey}               -> a status list token by the same and jose
 * reference {credential}                                      -> where its status is, by the same
 */
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { createHeaderAndPayload, getListFromStatusListJWT, getStatusListFromJWT, StatusList } from '@sd-jwt/jwt-status-list'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { base64url, CompactEncrypt, compactDecrypt, importJWK, SignJWT } from 'jose'

import { answer } from './present.mjs'

const common = { hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt }

const actions = {
  async issue({ claims, frame, header, issuerKey }) {
    const library = new SDJwtVcInstance({ ...common, signer: await ES256.getSigner(issuerKey), signAlg: 'ES256' })
    return library.issue(claims, frame, { header })
  },

  async verify({ credential, issuerKey, holderKey, nonce }) {
    const library = new SDJwtVcInstance({
      ...common,
      verifier: await ES256.getVerifier(issuerKey),
      ...(holderKey && { kbVerifier: await ES256.getVerifier(holderKey) }),
    })
    const { payload, kb } = await library.verify(credential, { keyBindingNonce: nonce })
    return { claims: payload, kb: kb?.payload }
  },

  async bind({ credential, frame, holderKey, payload }) {
    const library = new SDJwtVcInstance({ ...common, kbSigner: await ES256.getSigner(holderKey), kbSignAlg: 'ES256' })
    return library.present(credential, frame, { kb: { payload } })
  },

  answer: ({ query, held, audience, nonce }) => answer(query, held, { audience, nonce }),

  async encrypt({ text, jwk, enc, apu, apv }) {
    const parties = { ...(apu && { apu: base64url.decode(apu) }), ...(apv && { apv: base64url.decode(apv) }) }
    return new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: 'ECDH-ES', enc, kid: jwk.kid })
      .setKeyManagementParameters(parties)
      .encrypt(await importJWK(jwk, 'ECDH-ES'))
  },

  async decrypt({ jwe, jwk }) {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(jwk, 'ECDH-ES'))
    return { text: new TextDecoder().decode(plaintext), header: protectedHeader }
  },

  status({ token, indexes }) {
    const list = getListFromStatusListJWT(token)
    return indexes.map((index) => list.getStatus(index))
  },

  pack: ({ entries, bits }) => new StatusList(entries, bits).compressStatusList(),

  async list({ entries, bits, payload, issuerKey }) {
    const made = createHeaderAndPayload(new StatusList(entries, bits), payload, { alg: 'ES256' })
    return new SignJWT(made.payload).setProtectedHeader(made.header).sign(await importJWK(issuerKey, 'ES256'))
  },

  reference: ({ credential }) => getStatusListFromJWT(credential.split('~')[0]),
}

async function attempt({ do: name, ...details }) {
  try {
    return { result: await actions[name](details) }
  } catch (error) {
    return { error: error.message }
  }
}

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const answers = []
for (const wish of JSON.parse(Buffer.concat(chunks).toString('utf8'))) answers.push(await attempt(wish))
process.stdout.write(JSON.stringify(answers))
