/**
 * A wallet on Credo, driven by the interop tests.
 *
 *   node credo_wallet.mjs
 *
 * Each line of standard input is a command as JSON, each line of standard output its answer: the result, or
 * {"error": {...}}. The wallet keeps its cards and keys until the next `open`.
 *
 * {do: "open", trusted: {issuers, receivers, statusLists}, corrections}   a new wallet, see credo_agent.mjs -> {}
 * {do: "receive", offer, txCode?, clientId?, copies?}    -> {configurationId, copies: [{claims, credential}]},
 *                                                        or {waiting} when the issuer asks to come later
 * {do: "collect"}                                        -> likewise
 * {do: "begin", issuer, configurationId, redirectUri, provider}  -> {link}, to be opened in a browser; see adding.mjs
 * {do: "finish", back, copies?}                          -> as "receive", {refreshes} being whether it can come again
 * {do: "verify", credential}                             -> {isValid, why}
 * {do: "present", request}                               -> {replies, shown, clientId, prefix}
 *
 * Every answer has `seen`, the requests that were made for it. The calls are those that Credo names for a holder, one
 * after the other; which card is shown, and what of it, is its own choice.
 */
import { createInterface } from 'node:readline'

import { Kms } from '@credo-ts/core'

import { attested, offerOf } from './adding.mjs'
import { newAgent } from './credo_agent.mjs'
import { fetchingWith } from './envelopes.mjs'
import { explain } from './explain.mjs'

let agent
let seen = []
let waiting
let adding

const commands = { open, receive, collect, begin, finish, verify, present }

async function open({ trusted, corrections }) {
  await agent?.shutdown()
  // Credo encrypts no credential message by itself.
  agent = await newAgent({ trusted, corrections, fetching: fetchingWith({}, fetching) })
  return {}
}

async function fetching(input, init) {
  const response = await fetch(input, init)
  seen.push({ method: (init?.method ?? 'GET').toUpperCase(), path: new URL(input).pathname, status: response.status })
  return response
}

async function receive({ offer, txCode, clientId, copies = 1 }) {
  waiting = undefined
  const { holder } = agent.openid4vc
  const resolvedCredentialOffer = await holder.resolveCredentialOffer(offer)
  const token = await holder.requestToken({ resolvedCredentialOffer, txCode, clientId })
  const from = { issuerMetadata: resolvedCredentialOffer.metadata, ...token }
  const got = await holder.requestCredentials({
    resolvedCredentialOffer,
    ...token,
    clientId,
    credentialBindingResolver: async () => ({ method: 'jwk', keys: await newKeys(copies) }),
  })
  return kept(from, got)
}

/** Asks for a card that nobody offered, by an offer that the wallet makes up: Credo starts from one. */
async function begin({ issuer, configurationId, redirectUri, provider }) {
  const { holder } = agent.openid4vc
  const offer = encodeURIComponent(JSON.stringify(offerOf(issuer, configurationId)))
  const resolvedCredentialOffer = await holder.resolveCredentialOffer(`openid-credential-offer://?credential_offer=${offer}`)
  const { publicJwk: { kty, crv, x, y, kid } } = await agent.kms.createKeyForSignatureAlgorithm({ algorithm: 'ES256' })
  const client = {
    clientId: provider.clientId,
    walletAttestationJwt: await attested(provider, { kty, crv, x, y, kid }), // Credo finds its key by `kid`
    redirectUri,
  }
  const { authorizationRequestUrl: link, codeVerifier, dpop } =
    await holder.resolveOpenId4VciAuthorizationRequest(resolvedCredentialOffer, client)
  adding = { resolvedCredentialOffer, client, codeVerifier, dpop }
  return { link }
}

async function finish({ back, copies = 1 }) {
  waiting = undefined
  const { holder } = agent.openid4vc
  const { resolvedCredentialOffer, client, codeVerifier, dpop } = adding
  const { authorizationCode: code } = await holder.parseAuthorizationCodeFromAuthorizationResponse({
    resolvedCredentialOffer, authorizationResponseRedirectUrl: back,
  })
  const token = await holder.requestToken({ resolvedCredentialOffer, ...client, code, codeVerifier, dpop })
  const got = await holder.requestCredentials({
    resolvedCredentialOffer,
    ...token,
    clientId: client.clientId,
    credentialBindingResolver: async () => ({ method: 'jwk', keys: await newKeys(copies) }),
  })
  const from = { issuerMetadata: resolvedCredentialOffer.metadata, ...token }
  return { ...(await kept(from, got)), refreshes: Boolean(token.refreshToken) }
}

async function collect() {
  const { from, deferred } = waiting
  const got = await agent.openid4vc.holder.requestDeferredCredentials({ ...from, ...deferred })
  return kept(from, got)
}

const newKeys = (count) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { publicJwk } = await agent.kms.createKeyForSignatureAlgorithm({ algorithm: 'ES256' })
      return Kms.PublicJwk.fromPublicJwk(publicJwk)
    }),
  )

/** Stores the card that came and tells the issuer; or keeps what is needed to come back. */
async function kept(from, { credentials, deferredCredentials: [deferred] }) {
  if (deferred) {
    waiting ??= { from, deferred } // the second time Credo has forgotten for which keys it asked
    return { waiting: { interval: deferred.interval } }
  }
  const [{ record, notificationId, credentialConfigurationId }] = credentials
  await agent.sdJwtVc.store({ record })
  if (notificationId) {
    const { issuerMetadata: metadata, accessToken, dpop } = from
    await agent.openid4vc.holder.sendNotification({
      metadata, accessToken, dpop, notificationId, notificationEvent: 'credential_accepted',
    })
  }
  const copies = record.credentialInstances.map(({ compactSdJwtVc: credential }) => ({
    credential, claims: agent.sdJwtVc.fromCompact(credential).prettyClaims,
  }))
  return { configurationId: credentialConfigurationId, copies }
}

async function verify({ credential }) {
  const { isValid, error } = await agent.sdJwtVc.verify({ compactSdJwtVc: credential })
  return { isValid, why: error?.message }
}

async function present({ request }) {
  const { holder } = agent.openid4vc
  const { authorizationRequestPayload, dcql, verifier } = await holder.resolveOpenId4VpAuthorizationRequest(request)
  const credentials = holder.selectCredentialsForDcqlRequest(dcql.queryResult)
  const { serverResponse, authorizationResponsePayload } = await holder.acceptOpenId4VpAuthorizationRequest({
    authorizationRequestPayload,
    dcql: { credentials },
  })
  // Which copies are spent stands in the records; to keep that is the wallet's part.
  const records = new Set(Object.values(credentials).flat().map(({ credentialRecord }) => credentialRecord))
  for (const record of records) await agent.sdJwtVc.update(record)
  return {
    replies: [{ status: serverResponse.status, body: JSON.stringify(serverResponse.body) }],
    shown: authorizationResponsePayload.vp_token,
    clientId: verifier.effectiveClientId,
    prefix: verifier.clientIdPrefix,
  }
}

async function answer({ do: name, ...details }) {
  seen = []
  try {
    if (!Object.hasOwn(commands, name)) throw new Error(`say one of: ${Object.keys(commands).join(', ')}`)
    return { ...(await commands[name](details)), seen }
  } catch (error) {
    return { error: await explain(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
await agent?.shutdown()
