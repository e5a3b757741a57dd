/**
 * An authorization server on @openid4vc/oauth2: pushed requests of attested wallets, codes, tokens bound to keys.
 *
 * Whoever opens its page is signed in and agrees at once: its sign-in is nobody's concern here. Nonces for DPoP are
 * good once, and the library does not keep them: that is a server's own part.
 */
import { randomUUID } from 'node:crypto'

import {
  authorizationCodeGrantIdentifier, decodeJwt, Oauth2AuthorizationServer, Oauth2ResourceServer,
  Oauth2ResourceUnauthorizedError, Oauth2ServerErrorResponseError, refreshTokenGrantIdentifier,
} from '@openid4vc/oauth2'

import { callbacksFor, newKey, publicPart, signerFor } from './crypto.mjs'

const TOKEN_SECONDS = 300
const REQUEST_SECONDS = 60
const URN = 'urn:ietf:params:oauth:request_uri:'
const json = (body, status = 200, headers = {}) => ({ status, body, headers })

export class TheirAuthorization {
  #base
  #path
  #key
  #server
  #resources
  #nonces = new Set()
  #requests = new Map()
  #grants = new Map()
  #metadata

  /** @param {{base: string, walletAnchors: string[]}} wish `walletAnchors`: of the wallet providers it trusts, in PEM */
  constructor({ base, walletAnchors }) {
    this.walletAnchors = walletAnchors
    this.#base = base
    this.#path = new URL(base).pathname
    this.#key = newKey().then((key) => ({ ...key, kid: 'tokens' }))
    const callbacks = callbacksFor({ keys: [], anchors: walletAnchors, seen: [] })
    this.#server = new Oauth2AuthorizationServer({ callbacks })
    this.#resources = new Oauth2ResourceServer({ callbacks })
    this.#metadata = this.#server.createAuthorizationServerMetadata({
      issuer: base,
      token_endpoint: `${base}/token`,
      authorization_endpoint: `${base}/authorize`,
      pushed_authorization_request_endpoint: `${base}/par`,
      require_pushed_authorization_requests: true,
      jwks_uri: `${base}/jwks`,
      response_types_supported: ['code'],
      grant_types_supported: [authorizationCodeGrantIdentifier, refreshTokenGrantIdentifier],
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['attest_jwt_client_auth'],
      client_attestation_signing_alg_values_supported: ['ES256'],
      client_attestation_pop_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
    })
  }

  get metadata() {
    return this.#metadata
  }

  /** @returns {Promise<object | undefined>} the answer, with a nonce for the next call; undefined: no place of mine */
  async serve(call) {
    const places = {
      [`POST ${this.#path}/par`]: () => this.#push(call),
      [`GET ${this.#path}/authorize`]: () => this.#authorize(call),
      [`POST ${this.#path}/token`]: () => this.#token(call),
      [`GET ${this.#path}/jwks`]: async () => json({ keys: [{ ...publicPart(await this.#key), kid: 'tokens', use: 'sig' }] }),
    }
    return places[`${call.method} ${call.path}`]?.()
  }

  /** A nonce for the header of an answer. */
  nonce() {
    const nonce = randomUUID()
    this.#nonces.add(nonce)
    return nonce
  }

  /** What a call for a resource shows: a token of this server, and its key. */
  async grantOf({ method, headers, path }) {
    const request = this.#request({ method, headers, path })
    if (!this.#isFresh(request.headers.get('dpop'))) {
      throw unauthorized(new Oauth2ResourceUnauthorizedError('nonce', { scheme: 'DPoP', error: 'use_dpop_nonce' }))
    }
    try {
      const { tokenPayload } = await this.#resources.verifyResourceRequest({
        request,
        authorizationServers: [this.#metadata],
        resourceServer: this.#base,
        allowedAuthenticationSchemes: ['DPoP'],
      })
      const grant = this.#grants.get(tokenPayload.sub)
      if (grant?.tokenId !== tokenPayload.jti) throw new Error('an earlier token')
      return grant
    } catch (error) {
      throw error instanceof Oauth2ResourceUnauthorizedError ? unauthorized(error) : Object.assign(error, { status: 401 })
    }
  }

  async #push(call) {
    const request = this.#request(call)
    const form = formOf(call)
    const { authorizationRequest, dpop, clientAttestation } = await this.#server.parsePushedAuthorizationRequest({
      request, authorizationRequest: form,
    })
    this.#checkNonce(dpop?.jwt)
    const verified = await this.#server.verifyPushedAuthorizationRequest({
      request,
      authorizationRequest,
      authorizationServerMetadata: this.#metadata,
      dpop: { required: true, ...dpop, allowedSigningAlgs: ['ES256'] },
      clientAttestation: { required: true, ...clientAttestation },
    })
    const id = randomUUID()
    this.#requests.set(id, {
      ...authorizationRequest,
      instanceJwk: verified.clientAttestation.clientAttestation.payload.cnf.jwk,
      jkt: verified.dpop.jwkThumbprint,
    })
    const options = { requestUri: `${URN}${id}`, expiresInSeconds: REQUEST_SECONDS }
    return json(this.#server.createPushedAuthorizationResponse(options).pushedAuthorizationResponse, 201)
  }

  #authorize({ query }) {
    const id = (query.get('request_uri') ?? '').slice(URN.length)
    const asked = this.#requests.get(id)
    if (!this.#requests.delete(id) || asked.client_id !== query.get('client_id')) return json({ error: 'invalid_request' }, 400)
    const code = randomUUID()
    this.#grants.set(code, { ...asked, id: code, code, isUsed: false })
    const back = new URL(asked.redirect_uri)
    back.searchParams.set('code', code)
    if (asked.state) back.searchParams.set('state', asked.state)
    back.searchParams.set('iss', this.#base)
    return { status: 303, headers: { location: back.href } }
  }

  async #token(call) {
    const request = this.#request(call)
    const parsed = this.#server.parseAccessTokenRequest({ request, accessTokenRequest: formOf(call) })
    const { grant, accessTokenRequest, dpop, clientAttestation } = parsed
    this.#checkNonce(dpop?.jwt)
    const isRefresh = grant.grantType === refreshTokenGrantIdentifier
    const known = isRefresh ? this.#byRefreshToken(grant.refreshToken) : this.#grants.get(grant.code)
    const common = {
      grant,
      request,
      accessTokenRequest,
      authorizationServerMetadata: this.#metadata,
      dpop: { required: true, ...dpop, expectedJwkThumbprint: known?.jkt, allowedSigningAlgs: ['ES256'] },
      clientAttestation: { required: true, ...clientAttestation, expectedClientId: known?.client_id },
    }
    const { dpop: { jwk } } = isRefresh
      ? await this.#server.verifyRefreshTokenAccessTokenRequest({ ...common, expectedRefreshToken: known?.refreshToken ?? 'none' })
      : await this.#server.verifyAuthorizationCodeAccessTokenRequest({
        ...common,
        expectedCode: known && !known.isUsed ? known.code : 'none',
        pkce: {
          codeVerifier: parsed.pkceCodeVerifier,
          codeChallenge: known?.code_challenge ?? 'none',
          codeChallengeMethod: known?.code_challenge_method ?? 'S256',
        },
      })
    if (!isRefresh && accessTokenRequest.redirect_uri !== known.redirect_uri) {
      throw new Oauth2ServerErrorResponseError({ error: 'invalid_grant', error_description: 'redirect_uri' })
    }
    return json(await this.#given(known, jwk))
  }

  async #given(grant, jwk) {
    const key = await this.#key
    const server = new Oauth2AuthorizationServer({ callbacks: callbacksFor({ keys: [key], seen: [] }) })
    grant.isUsed = true
    grant.refreshToken ??= randomUUID()
    const response = await server.createAccessTokenResponse({
      audience: this.#base,
      authorizationServer: this.#base,
      clientId: grant.client_id,
      subject: grant.id,
      scope: grant.scope,
      signer: { ...signerFor(key), kid: key.kid },
      expiresInSeconds: TOKEN_SECONDS,
      dpop: { jwk },
      refreshToken: grant.refreshToken,
    })
    grant.tokenId = decodeJwt({ jwt: response.access_token }).payload.jti
    return response
  }

  #byRefreshToken(token) {
    return [...this.#grants.values()].find(({ refreshToken }) => refreshToken === token)
  }

  #request({ method, headers, path }) {
    return { method, headers: new Headers(headers), url: `${new URL(this.#base).origin}${path}` }
  }

  #checkNonce(dpop) {
    if (dpop && !this.#isFresh(dpop)) {
      throw new Oauth2ServerErrorResponseError({ error: 'use_dpop_nonce', error_description: 'a nonce of ours, once' })
    }
  }

  /** Whether a proof has a nonce of ours; each is good once. */
  #isFresh(dpop) {
    return Boolean(dpop) && this.#nonces.delete(decodeJwt({ jwt: dpop }).payload.nonce)
  }
}

const formOf = ({ text }) => Object.fromEntries(new URLSearchParams(text))

/** A refusal of a token, with the header that says why. */
const unauthorized = (error) => Object.assign(error, {
  status: 401, errorResponse: { error: 'invalid_token' }, headers: { 'www-authenticate': error.toHeaderValue() },
})
