/**
 * Receiving a credential by the pre-authorised code flow, with @openid4vc/openid4vci.
 */
import { clientAuthenticationDynamic, clientAuthenticationNone, Oauth2Client } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'

import { verifyCredential } from './credential.mjs'
import { callbacksFor, newKey, publicPart, signerFor } from './crypto.mjs'

/**
 * Follows an offer to its end: metadata, token, nonce, proof, credential, check, notification.
 *
 * @param {{offer: string, txCode?: string, clientId?: string, anchors?: string[], statusAnchors?: string[]}} wish
 *   Without `clientId` the library chooses how to authenticate from the server's metadata.
 */
export async function receive({ offer, txCode, clientId, anchors, statusAnchors }) {
  const seen = []
  const holderKey = await newKey()
  const dpopKey = await newKey()
  const callbacks = callbacksFor({
    keys: [holderKey, dpopKey],
    seen,
    clientAuthentication: clientId
      ? clientAuthenticationNone({ clientId })
      : clientAuthenticationDynamic({ clientId: 'interop-wallet', clientSecret: '' }),
  })
  const client = new Openid4vciClient({ callbacks })

  const credentialOffer = await client.resolveCredentialOffer(offer)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse: token, dpop } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    txCode,
    dpop: dpopIfOffered(issuerMetadata, callbacks, dpopKey),
  })

  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
  const configurationId = credentialOffer.credential_configuration_ids[0]
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata,
    credentialConfigurationId: configurationId,
    signer: signerFor(holderKey),
    nonce,
    clientId,
  })
  const reply = await client.retrieveCredentials({
    issuerMetadata,
    accessToken: token.access_token,
    credentialConfigurationId: configurationId,
    proofs: { jwt: [jwt] },
    dpop,
  })
  if (!reply.ok) throw refused(reply)

  const { credentials, notification_id: notificationId } = reply.credentialResponse
  const credential = credentials[0].credential ?? credentials[0]
  const verified = await verifyCredential({ credential, anchors, statusAnchors })
  const notification = notificationId && (await client.sendNotification({
    issuerMetadata,
    accessToken: token.access_token,
    notification: { notificationId, event: 'credential_accepted' },
    dpop,
  }))
  return {
    credential,
    holderKey,
    holderJwk: publicPart(holderKey),
    configurationId,
    issuer: credentialOffer.credential_issuer,
    version: issuerMetadata.originalDraftVersion,
    understood: Object.keys(issuerMetadata.knownCredentialConfigurations),
    tokenType: token.token_type,
    credentialCount: credentials.length,
    notified: notification ? notification.response.status : null,
    seen,
    ...verified,
  }
}

function dpopIfOffered(issuerMetadata, callbacks, key) {
  const client = new Oauth2Client({ callbacks })
  const [authorizationServerMetadata] = issuerMetadata.authorizationServers
  return client.isDpopSupported({ authorizationServerMetadata }).supported ? { signer: signerFor(key) } : undefined
}

/** An answer that the library did not take as a credential response, as an error with that answer in it. */
function refused(reply) {
  const complaint = reply.credentialResponseResult?.error?.message
  return Object.assign(new Error(complaint ?? 'the credential endpoint refused'), { response: reply })
}
