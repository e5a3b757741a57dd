/**
 * A credential issuer with its authorization server, on @openid4vc/openid4vci, oauth2 and @sd-jwt/sd-jwt-vc.
 *
 * It gives what it offered, by pre-authorised codes; or, with an authorization server of `their_authorization.mjs`, what
 * wallets ask for.
 */
import { randomUUID } from 'node:crypto'

import { Oauth2AuthorizationServer, preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import { digest, ES256, generateSalt } from '@sd-jwt/crypto-nodejs'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'

import { callbacksFor, newKey, publicPart, signerFor } from './crypto.mjs'

const CONFIGURATION = 'their_card'
const INTERVAL_SECONDS = 1
const TOKEN_SECONDS = 300
const json = (body, status = 200) => ({ status, body })

export class TheirIssuer {
  #base
  #path
  #signer
  #authorization
  #forWhoAsks
  #offers = new Map()
  #nonces = new Set()
  #callbacks
  #library
  #server
  #metadata

  /**
   * @param {{key: object, x5c: string[], vct: string}} signer who signs the credentials
   * @param {import('./their_authorization.mjs').TheirAuthorization} [authorization] for an issuer that is asked
   */
  constructor(base, signer, authorization) {
    this.#base = base
    this.#path = new URL(base).pathname
    this.#signer = signer
    this.#authorization = authorization
    this.#callbacks = callbacksFor({ keys: [], anchors: authorization?.walletAnchors, seen: [] })
    this.#library = new Openid4vciIssuer({ callbacks: this.#callbacks })
    this.#server = new Oauth2AuthorizationServer({ callbacks: this.#callbacks })
    const credentialIssuer = this.#library.createCredentialIssuerMetadata({
      credential_issuer: base,
      credential_endpoint: `${base}/credential`,
      deferred_credential_endpoint: `${base}/deferred`,
      nonce_endpoint: `${base}/nonce`,
      notification_endpoint: `${base}/notification`,
      display: [{ name: 'Somebody else', locale: 'en' }],
      credential_configurations_supported: {
        [CONFIGURATION]: {
          format: 'dc+sd-jwt',
          vct: signer.vct,
          scope: CONFIGURATION,
          cryptographic_binding_methods_supported: ['jwk'],
          credential_signing_alg_values_supported: ['ES256'],
          proof_types_supported: {
            jwt: {
              proof_signing_alg_values_supported: ['ES256'],
              ...(authorization && { key_attestations_required: { key_storage: ['iso_18045_basic'] } }),
            },
          },
        },
      },
    })
    const authorizationServer = authorization?.metadata ?? this.#server.createAuthorizationServerMetadata({
      issuer: base,
      token_endpoint: `${base}/token`,
      grant_types_supported: [preAuthorizedCodeGrantIdentifier],
      'pre-authorized_grant_anonymous_access_supported': true,
    })
    this.#metadata = {
      originalDraftVersion: 'V1',
      credentialIssuer,
      authorizationServers: [authorizationServer],
      knownCredentialConfigurations: this.#library.getKnownCredentialConfigurationsSupported(credentialIssuer),
    }
  }

  async offer({ claims, frame, expires, txCode, byReference = false, later = false }) {
    const id = randomUUID()
    const code = randomUUID()
    const { credentialOffer: link, credentialOfferObject } = await this.#library.createCredentialOffer({
      issuerMetadata: this.#metadata,
      credentialConfigurationIds: [CONFIGURATION],
      grants: {
        [preAuthorizedCodeGrantIdentifier]: {
          'pre-authorized_code': code,
          ...(txCode && { tx_code: { input_mode: 'numeric', length: txCode.length } }),
        },
      },
      ...(byReference && { credentialOfferUri: `${this.#base}/offers/${id}` }),
    })
    this.#offers.set(id, {
      id, code, txCode, claims, frame, expires, later, offer: credentialOfferObject, events: [], waits: 0,
    })
    return { link, id }
  }

  /** Keeps what the next one who asks gets; it is told of by `id`, as an offer is. */
  asked({ claims, frame, expires, later = false }) {
    const id = randomUUID()
    this.#forWhoAsks = { id, claims, frame, expires, later, events: [], waits: 0 }
    this.#offers.set(id, this.#forWhoAsks)
    return { id, issuer: this.#base }
  }

  /** An offer to sign in: the wallet is to send `issuerState` back. */
  async invite({ issuerState }) {
    const { credentialOffer: link } = await this.#library.createCredentialOffer({
      issuerMetadata: this.#metadata,
      credentialConfigurationIds: [CONFIGURATION],
      grants: { authorization_code: { issuer_state: issuerState } },
    })
    return { link }
  }

  knows(id) {
    return this.#offers.has(id)
  }

  ready({ id }) {
    this.#offers.get(id).later = false
    return {}
  }

  told({ id }) {
    const { events, waits, proofs, keyStorage, issuerState } = this.#offers.get(id)
    return { events, waits, proofs, keyStorage, issuerState }
  }

  async serve(call) {
    if (!this.#authorization) return this.#placed(call)
    const nonce = () => ({ 'dpop-nonce': this.#authorization.nonce() })
    try {
      const answer = (await this.#authorization.serve(call)) ?? (await this.#placed(call))
      return answer && { ...answer, headers: { ...answer.headers, ...nonce() } }
    } catch (error) {
      throw Object.assign(error, { headers: { ...error.headers, ...nonce() } })
    }
  }

  async #placed(call) {
    const places = {
      [`GET ${wellKnown(this.#base, 'openid-credential-issuer')}`]: () => json(this.#metadata.credentialIssuer),
      [`GET ${wellKnown(this.#base, 'oauth-authorization-server')}`]: () => json(this.#metadata.authorizationServers[0]),
      [`POST ${this.#path}/token`]: () => this.#token(call),
      [`POST ${this.#path}/nonce`]: () => this.#nonce(),
      [`POST ${this.#path}/credential`]: () => this.#credential(call),
      [`POST ${this.#path}/deferred`]: () => this.#deferred(call),
      [`POST ${this.#path}/notification`]: () => this.#notification(call),
    }
    const offered = call.path.startsWith(`${this.#path}/offers/`) && this.#offers.get(call.path.split('/').at(-1))
    return offered ? json(offered.offer) : places[`${call.method} ${call.path}`]?.()
  }

  async #token({ method, headers, text, path }) {
    const request = { method, headers: new Headers(headers), url: new URL(path, this.#base).href }
    const form = Object.fromEntries(new URLSearchParams(text))
    const { accessTokenRequest, grant } = this.#server.parseAccessTokenRequest({ request, accessTokenRequest: form })
    const offer = [...this.#offers.values()].find(({ code }) => code === grant.preAuthorizedCode)
    await this.#server.verifyPreAuthorizedCodeAccessTokenRequest({
      grant,
      request,
      accessTokenRequest,
      authorizationServerMetadata: this.#metadata.authorizationServers[0],
      expectedPreAuthorizedCode: offer?.token ? 'used' : (offer?.code ?? 'unknown'),
      expectedTxCode: offer?.txCode,
    })
    const key = await newKey()
    const server = new Oauth2AuthorizationServer({ callbacks: callbacksFor({ keys: [key], seen: [] }) })
    const response = await server.createAccessTokenResponse({
      audience: this.#base,
      authorizationServer: this.#base,
      clientId: 'anonymous',
      subject: offer.id,
      signer: signerFor(key),
      expiresInSeconds: TOKEN_SECONDS,
    })
    offer.token = response.access_token
    return json(response)
  }

  #nonce() {
    const cNonce = randomUUID()
    this.#nonces.add(cNonce)
    return json(this.#library.createNonceResponse({ cNonce }))
  }

  async #credential(call) {
    const offer = await this.#offerOf(call)
    const parsed = this.#library.parseCredentialRequest({
      issuerMetadata: this.#metadata,
      credentialRequest: JSON.parse(call.text),
    })
    const [proof] = parsed.proofs.jwt
    const { nonce } = JSON.parse(Buffer.from(proof.split('.')[1], 'base64url'))
    const expectedNonce = this.#nonces.delete(nonce) ? nonce : 'used or made up'
    const { signer, keyAttestation } = await this.#library.verifyCredentialRequestJwtProof({
      issuerMetadata: this.#metadata,
      jwt: proof,
      expectedNonce,
    })
    offer.holderJwk = publicPart(signer.publicJwk)
    offer.keyStorage = keyAttestation?.payload.key_storage
    offer.proofs = parsed.proofs.jwt.length
    const { credentialRequest } = parsed
    if (offer.later) {
      offer.transactionId = randomUUID()
      const { transactionId } = offer
      const options = { credentialRequest, transactionId, interval: INTERVAL_SECONDS }
      return json(this.#library.createCredentialResponse(options), 202)
    }
    const credentials = [{ credential: await this.#signed(offer) }]
    const notificationId = offer.id
    return json(this.#library.createCredentialResponse({ credentialRequest, credentials, notificationId }))
  }

  async #deferred(call) {
    const offer = await this.#offerOf(call)
    const { deferredCredentialRequest } = this.#library.parseDeferredCredentialRequest({
      deferredCredentialRequest: JSON.parse(call.text),
    })
    const { transaction_id: transactionId } = deferredCredentialRequest
    if (transactionId !== offer.transactionId) return json({ error: 'invalid_transaction_id' }, 400)
    offer.waits += 1
    if (offer.later) {
      const interval = INTERVAL_SECONDS
      return json(this.#library.createDeferredCredentialResponse({ transactionId, interval }), 202)
    }
    const credentials = [{ credential: await this.#signed(offer) }]
    return json(this.#library.createDeferredCredentialResponse({ credentials }))
  }

  async #notification(call) {
    const offer = await this.#offerOf(call)
    offer.events.push(JSON.parse(call.text).event)
    return { status: 204 }
  }

  async #offerOf(call) {
    const { headers } = call
    if (this.#authorization) {
      const grant = await this.#authorization.grantOf(call)
      // Who comes back for another card gets what there is by then.
      if (!grant.offer || grant.offer.isGiven) grant.offer = this.#forWhoAsks
      grant.offer.issuerState = grant.issuer_state
      return grant.offer
    }
    const [scheme, token] = (headers.authorization ?? '').split(' ')
    const offer = [...this.#offers.values()].find((one) => one.token === token)
    if (scheme !== 'Bearer' || !token || !offer) throw Object.assign(new Error('no such token'), { status: 401 })
    return offer
  }

  async #signed(offer) {
    const { claims, frame, expires, holderJwk } = offer
    offer.isGiven = true
    const { key, x5c, vct } = this.#signer
    const signer = await ES256.getSigner(key)
    const library = new SDJwtVcInstance({ signer, signAlg: 'ES256', hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt })
    const payload = { ...claims, vct, iss: this.#base, iat: Math.floor(Date.now() / 1000), exp: expires, cnf: { jwk: holderJwk } }
    return library.issue(payload, frame, { header: { x5c } })
  }
}

/** The well-known place goes between host and path. */
function wellKnown(base, name) {
  return `/.well-known/${name}${new URL(base).pathname}`
}
