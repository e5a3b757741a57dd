/**
 * Receiving a credential that nobody offered: authorization code with PAR, PKCE, DPoP and a wallet attestation, with
 * @openid4vc/openid4vci and oauth2. The person's browser is somebody else's part, between `begin` and `finish`.
 */
import { authorizationCodeGrantIdentifier, clientAuthenticationClientAttestationJwt, Oauth2Client } from '@openid4vc/oauth2'
import { Openid4vciClient, Openid4vciWalletProvider } from '@openid4vc/openid4vci'

import { callbacksFor, newKey, publicPart, signerFor } from './crypto.mjs'
import { fetchingWith } from './envelopes.mjs'
import { jwtProofs, obtained } from './receive.mjs'

const ATTESTED_FOR_MS = 3600_000
const inMs = (milliseconds) => new Date(Date.now() + milliseconds)

/**
 * Pushes the request for one credential.
 *
 * @param {{issuer: string, configurationId: string, by?: "scope" | "details", redirectUri: string, state?: string,
 *   issuerState?: string, provider: {key: object, x5c: string[], clientId: string, name: string}}} wish
 *   `provider` attests the wallet: its private key as a JWK, its chain in base64 DER without the anchor.
 * @returns {Promise<{link: string, adding: object, seen: object[]}>} the link for the browser, and what `finish` needs
 */
export async function begin({ issuer, configurationId, by = 'scope', redirectUri, state, issuerState, provider }) {
  const seen = []
  const [instanceKey, dpopKey] = await Promise.all([newKey(), newKey()])
  const attestation = await attested(provider, publicPart(instanceKey))
  const { client, issuerMetadata } = await wallet({ issuer, provider, keys: [instanceKey, dpopKey], attestation, seen })
  const { scope } = issuerMetadata.credentialIssuer.credential_configurations_supported[configurationId]
  const details = [{ type: 'openid_credential', credential_configuration_id: configurationId }]
  const asked = {
    clientId: provider.clientId,
    redirectUri,
    dpop: { signer: signerFor(dpopKey) },
    ...(by === 'scope' ? { scope } : { additionalRequestPayload: { authorization_details: details } }),
  }
  // `initiateAuthorization` is the flow that the library has for it, and drops `state`.
  const { authorizationRequestUrl: link, pkce, dpop } = state === undefined
    ? await client.initiateAuthorization({ ...asked, issuerMetadata, credentialOffer: offerOf(issuer, configurationId, issuerState) })
    : await client.oauth2Client.createAuthorizationRequestUrl({
      ...asked, state, authorizationServerMetadata: issuerMetadata.authorizationServers[0], resource: issuer,
    })
  const adding = {
    issuer, configurationId, redirectUri, state, provider, attestation, instanceKey, dpopKey,
    codeVerifier: pkce.codeVerifier, dpopNonce: dpop.nonce,
  }
  return { link, adding, seen }
}

/**
 * Takes the way back from the browser to its end: token, nonce, proofs, credential, check, notification.
 *
 * @param {{adding: object, back: string, copies?: number, keyProof?: "jwt" | "attestation", asItComes?: boolean,
 *   anchors?: string[], statusAnchors?: string[]}} wish
 *   `asItComes`: leave what the library does against the text. With `keyProof` the provider attests the holder keys as well, inside `jwt` proofs or as the only proof.
 */
export async function finish({ adding, back, copies = 1, keyProof, asItComes, anchors, statusAnchors }) {
  const { issuer, configurationId, redirectUri, provider, dpopKey } = adding
  const seen = []
  const holderKeys = await Promise.all(Array.from({ length: copies }, newKey))
  const { client, issuerMetadata } = await wallet({ ...adding, keys: [adding.instanceKey, dpopKey, ...holderKeys], seen })
  const authorizationResponse = client.parseAndVerifyAuthorizationResponseRedirectUrl({
    url: back, authorizationServerMetadata: issuerMetadata.authorizationServers[0],
  })
  const { code, error, state } = authorizationResponse
  if (error) throw Object.assign(new Error(error), { errorResponse: authorizationResponse })
  if (state !== adding.state) throw new Error('the way back has another state')
  const { accessTokenResponse: token, dpop } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer: offerOf(issuer, configurationId),
    issuerMetadata,
    authorizationCode: code,
    pkceCodeVerifier: adding.codeVerifier,
    redirectUri,
    dpop: { signer: signerFor(dpopKey), nonce: adding.dpopNonce },
  })
  const got = await obtained({
    client, issuerMetadata, configurationId, holderKeys, token, dpop, dpopKey, seen, anchors, statusAnchors,
    asItComes,
    clientId: provider.clientId,
    proofsOf: keyProof && ((wish) => attestedProofs(provider, keyProof, wish)),
  })
  return { ...got, expiresIn: token.expires_in, authorizationDetails: token.authorization_details, refreshToken: token.refresh_token }
}

/**
 * Gets another access token, and with it the credential again where the issuer has another one to give.
 *
 * @param {{adding: object, refreshToken: string, renew?: boolean, anchors?: string[], statusAnchors?: string[]}} wish
 */
export async function refresh({ adding, refreshToken, renew = false, anchors, statusAnchors }) {
  const { configurationId, provider, dpopKey } = adding
  const seen = []
  const holderKeys = [await newKey()]
  const { client, issuerMetadata } = await wallet({ ...adding, keys: [adding.instanceKey, dpopKey, ...holderKeys], seen })
  const { accessTokenResponse: token, dpop } = await client.oauth2Client.retrieveRefreshTokenAccessToken({
    authorizationServerMetadata: issuerMetadata.authorizationServers[0],
    refreshToken,
    dpop: { signer: signerFor(dpopKey) },
  })
  const told = { accessToken: token.access_token, tokenType: token.token_type, refreshToken: token.refresh_token, seen }
  if (!renew) return told
  const got = await obtained({
    client, issuerMetadata, configurationId, holderKeys, token, dpop, dpopKey, seen, anchors, statusAnchors,
    clientId: provider.clientId,
  })
  return { ...told, ...got }
}

/**
 * Follows an offer with a pre-authorised code as a wallet that shows whose it is, which it need not do.
 *
 * @param {{offer: string, provider: object, anchors?: string[], statusAnchors?: string[]}} wish
 */
export async function receiveAttested({ offer, provider, anchors, statusAnchors }) {
  const seen = []
  const [instanceKey, dpopKey, holderKey] = await Promise.all([newKey(), newKey(), newKey()])
  const attestation = await attested(provider, publicPart(instanceKey))
  const anonymous = new Openid4vciClient({ callbacks: callbacksFor({ keys: [], seen }) })
  const credentialOffer = await anonymous.resolveCredentialOffer(offer)
  const { credential_issuer: issuer, credential_configuration_ids: [configurationId] } = credentialOffer
  const { client, issuerMetadata } = await wallet({ issuer, keys: [instanceKey, dpopKey, holderKey], attestation, seen })
  const { accessTokenResponse: token, dpop } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, dpop: { signer: signerFor(dpopKey) },
  })
  return obtained({
    client, issuerMetadata, configurationId, holderKeys: [holderKey], token, dpop, dpopKey, seen, anchors, statusAnchors,
    clientId: provider.clientId,
  })
}

/** The library's client, showing at each authorization whose wallet it is; and who the issuer is. */
async function wallet({ issuer, keys, attestation, seen }) {
  const callbacks = callbacksFor({ keys, seen, fetching: fetchingWith() })
  callbacks.clientAuthentication = clientAuthenticationClientAttestationJwt({ clientAttestationJwt: attestation, callbacks })
  const client = new Openid4vciClient({ callbacks })
  const issuerMetadata = await client.resolveIssuerMetadata(issuer)
  const [authorizationServerMetadata] = issuerMetadata.authorizationServers
  const oauth2 = new Oauth2Client({ callbacks })
  if (!oauth2.isClientAttestationSupported({ authorizationServerMetadata }).supported) throw new Error('no attestations')
  if (!oauth2.isDpopSupported({ authorizationServerMetadata }).supported) throw new Error('no DPoP')
  return { client, issuerMetadata }
}

/** What a wallet makes of an issuer's address alone, for a library that starts from offers. */
export const offerOf = (issuer, configurationId, issuerState) => ({
  credential_issuer: issuer,
  credential_configuration_ids: [configurationId],
  grants: { [authorizationCodeGrantIdentifier]: { issuer_state: issuerState } },
})

/** The provider's word for a wallet's key. */
export function attested(provider, jwk) {
  return libraryOf(provider).createWalletAttestationJwt({
    clientId: provider.clientId,
    issuer: 'https://wallet-provider.example',
    confirmation: { jwk },
    issuedAt: new Date(),
    expiresAt: inMs(ATTESTED_FOR_MS),
    signer: signerOf(provider),
    walletName: provider.name,
    walletLink: 'https://wallet-provider.example/wallet',
  })
}

/** The provider's word for the holder keys, beside a signature by each of them or instead. */
async function attestedProofs(provider, keyProof, wish) {
  const keyAttestationJwt = await libraryOf(provider, { correct: !wish.asItComes }).createKeyAttestationJwt({
    attestedKeys: wish.holderKeys.map(publicPart),
    keyStorage: ['iso_18045_moderate'],
    userAuthentication: ['iso_18045_moderate'],
    nonce: wish.nonce,
    issuedAt: new Date(),
    expiresAt: inMs(ATTESTED_FOR_MS),
    use: keyProof === 'jwt' ? 'proof_type.jwt' : 'proof_type.attestation',
    signer: signerOf(provider),
  })
  return keyProof === 'jwt' ? jwtProofs({ ...wish, keyAttestationJwt }) : { attestation: [keyAttestationJwt] }
}

function libraryOf(provider, { correct = true } = {}) {
  const callbacks = callbacksFor({ keys: [provider.key], seen: [] })
  const signJwt = correct ? (signer, jwt) => callbacks.signJwt(signer, rightlyTyped(jwt)) : callbacks.signJwt
  return new Openid4vciWalletProvider({ callbacks: { ...callbacks, signJwt } })
}

/** The library gives key attestations the `typ` of a draft (OpenID4VCI 1.0 D.1), and reads both. */
function rightlyTyped({ header, payload }) {
  const typ = header.typ === 'keyattestation+jwt' ? 'key-attestation+jwt' : header.typ
  return { header: { ...header, typ }, payload }
}

const signerOf = ({ x5c }) => ({ method: 'x5c', alg: 'ES256', x5c })
