/**
 * A wallet made only of other people's libraries, driven by the interop tests.
 *
 *   node wallet.mjs
 *
 * Each line of standard input is a command as JSON, each line of standard output its answer: the result, or
 * {"error": {...}}. No code, PIN or key shows in a process list.
 *
 * {do: "receive", offer, txCode?, clientId?, copies?, signedMetadata?, encrypted?, anchors?, statusAnchors?}
 *                                                             -> {credential, holderKey, claims, ...},
 *                                                             or {waiting: {...}} when the issuer asks to come later
 * {do: "collect", waiting, anchors?, statusAnchors?}                   -> likewise
 * {do: "receiveAttested", offer, provider, anchors?, statusAnchors?}   -> likewise
 * {do: "begin", issuer, configurationId, redirectUri, provider, by?, state?, issuerState?}  -> {link, adding}, see adding.mjs
 * {do: "finish", adding, back, copies?, keyProof?, anchors?, statusAnchors?}  -> as "receive", with {refreshToken, ...}
 * {do: "refresh", adding, refreshToken, renew?}                        -> {accessToken, refreshToken, ...}
 * {do: "verify", credential, anchors?, statusAnchors?, typeMetadata?}  -> {claims, header, presentableKeys, ...}
 * {do: "present", request, held: [{credential, holderKey}], anchors?, enc?, times?} -> {replies, disclosed, ...}
 *
 * `anchors` is a list of PEM certificates; when given, the signer's chain must end in one of them.
 */
import { createInterface } from 'node:readline'

import { setGlobalConfig } from '@openid4vc/oauth2'

import { begin, finish, receiveAttested, refresh } from './adding.mjs'
import { verifyCredential } from './credential.mjs'
import { explain } from './explain.mjs'
import { present } from './present.mjs'
import { collect, receive } from './receive.mjs'

// The tests talk plain http on loopback; the libraries, which share this setting, refuse that unless told.
setGlobalConfig({ allowInsecureUrls: true })

const commands = { receive, collect, receiveAttested, begin, finish, refresh, present, verify: verifyCredential }

async function answer({ do: name, ...details }) {
  try {
    if (!Object.hasOwn(commands, name)) throw new Error(`say one of: ${Object.keys(commands).join(', ')}`)
    return await commands[name](details)
  } catch (error) {
    return { error: await explain(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
