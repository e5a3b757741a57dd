/**
 * A verifier on @openid4vc/openid4vp, dcql and @sd-jwt/sd-jwt-vc.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'

import { Openid4vpVerifier } from '@openid4vc/openid4vp'
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { DcqlPresentationResult, DcqlQuery } from 'dcql'
import { compactDecrypt, decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from 'jose'

import { authorityKeyOf, callbacksFor, newKey, publicJwkOf, publicPart, trustedLeaf } from './crypto.mjs'

const AUDIENCE = 'https://self-issued.me/v2'

export class TheirVerifier {
  #base
  #signer
  #anchors
  #requests = new Map()

  /**
   * @param {{key: object, x5c: string[], dns?: string}} signer who signs the requests
   * @param {string[]} anchors PEM: whose credentials are accepted
   */
  constructor(base, signer, anchors) {
    this.#base = base
    this.#signer = signer
    this.#anchors = anchors
  }

  async request({ query, info, prefix = 'x509_hash', state = randomUUID() }) {
    const id = randomUUID()
    const key = { ...(await newKey()), kid: id, alg: 'ECDH-ES', use: 'enc' }
    const { x5c, dns } = this.#signer
    const leaf = createHash('sha256').update(Buffer.from(x5c[0], 'base64')).digest('base64url')
    const authorizationRequestPayload = {
      response_type: 'vp_token',
      response_mode: 'direct_post.jwt',
      client_id: prefix === 'x509_hash' ? `x509_hash:${leaf}` : `${prefix}:${dns}`,
      response_uri: `${this.#base}/responses/${id}`,
      nonce: randomBytes(24).toString('base64url'),
      state,
      dcql_query: query,
      client_metadata: {
        jwks: { keys: [{ ...publicPart(key), kid: key.kid, alg: key.alg, use: key.use }] },
        encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'],
        vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
      },
      ...(info && { verifier_info: info }),
    }
    const callbacks = this.#callbacks(key)
    const verifier = new Openid4vpVerifier({ callbacks })
    const made = await verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload,
      jar: {
        jwtSigner: { method: 'x5c', x5c, alg: 'ES256' },
        requestUri: `${this.#base}/requests/${id}`,
        expiresInSeconds: 300,
        additionalJwtPayload: { aud: AUDIENCE },
      },
    })
    this.#requests.set(id, {
      jwt: made.jar.authorizationRequestJwt, payload: made.authorizationRequestPayload, callbacks, verifier, fetched: [],
    })
    return { link: made.authorizationRequest, id }
  }

  told({ id }) {
    const { claims = null, error = null, fetched } = this.#requests.get(id)
    return { claims, wallet: error, fetched }
  }

  async serve({ method, path, text }) {
    const place = /^\/verifier\/(requests|responses)\/(.+)$/.exec(path)
    if (!place || !this.#requests.has(place[2])) return undefined
    const request = this.#requests.get(place[2])
    if (place[1] === 'responses') return this.#take(request, Object.fromEntries(new URLSearchParams(text)))
    request.fetched.push(method)
    return { status: 200, type: 'application/oauth-authz-req+jwt', body: request.jwt }
  }

  async #take(request, form) {
    if (form.error) {
      request.error = form.error
      return { status: 200, body: {} }
    }
    const { payload, callbacks, verifier } = request
    const parsed = await verifier.parseOpenid4vpAuthorizationResponse({
      authorizationResponse: form,
      authorizationRequestPayload: payload,
      callbacks,
    })
    const presentations = verifier.parseDcqlVpToken(parsed.authorizationResponsePayload.vp_token)
    const verified = await Promise.all(
      Object.entries(presentations).map(async ([id, texts]) => [
        id,
        await Promise.all(texts.map((one) => this.#verified(one, payload))),
      ]),
    )
    const result = DcqlPresentationResult.fromDcqlPresentation(Object.fromEntries(verified), {
      dcqlQuery: DcqlQuery.parse(payload.dcql_query),
    })
    if (!result.can_be_satisfied) throw new Error('the query is not satisfied')
    request.claims = Object.fromEntries(verified.map(([id, ones]) => [id, ones.map(({ claims }) => claims)]))
    return { status: 200, body: {} }
  }

  async #verified(text, { client_id: audience, nonce }) {
    const header = decodeProtectedHeader(text.split('~')[0])
    const holder = decodeJwt(text.split('~')[0]).cnf.jwk
    const library = new SDJwtVcInstance({
      hasher: digest,
      hashAlg: 'sha-256',
      saltGenerator: generateSalt,
      verifier: await ES256.getVerifier(publicJwkOf(trustedLeaf(header.x5c, this.#anchors))),
      kbVerifier: await ES256.getVerifier(holder),
    })
    const { payload, kb } = await library.verify(text, { keyBindingNonce: nonce })
    if (kb.payload.aud !== audience) throw new Error('the key binding is for somebody else')
    return {
      credential_format: 'dc+sd-jwt',
      vct: payload.vct,
      claims: payload,
      cryptographic_holder_binding: true,
      authority: { type: 'aki', values: header.x5c.map(authorityKeyOf).filter(Boolean) },
    }
  }

  #callbacks(key) {
    return {
      ...callbacksFor({ keys: [], seen: [] }),
      signJwt: async (_signer, { header, payload }) => ({
        jwt: await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(this.#signer.key, 'ES256')),
        signerJwk: publicPart(this.#signer.key),
      }),
      decryptJwe: async (jwe) => {
        const { plaintext } = await compactDecrypt(jwe, await importJWK(key, 'ECDH-ES'))
        return { decrypted: true, decryptionJwk: publicPart(key), payload: new TextDecoder().decode(plaintext) }
      },
    }
  }
}
