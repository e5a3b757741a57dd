/**
 * A wallet made only of other people's libraries, driven by the interop tests.
 *
 *   node wallet.mjs receive|verify|present  < command.json  > result.json
 *
 * The command and the result are JSON, so that no code, PIN or key shows in a process list.
 * Exit status 0 with the result, or 1 with {"error": {...}}.
 *
 * receive  {offer, txCode?, clientId?, anchors?, statusAnchors?}  -> {credential, holderKey, claims, ...}
 * verify   {credential, anchors?, statusAnchors?, typeMetadata?}  -> {claims, header, presentableKeys, typeMetadata}
 * present  {request, held: [{credential, holderKey}], anchors?, enc?, times?} -> {replies, disclosed, ...}
 *
 * `anchors` is a list of PEM certificates; when given, the signer's chain must end in one of them.
 */
import { setGlobalConfig } from '@openid4vc/oauth2'

import { verifyCredential } from './credential.mjs'
import { explain } from './explain.mjs'
import { present } from './present.mjs'
import { receive } from './receive.mjs'

// The tests talk plain http on loopback; the libraries, which share this setting, refuse that unless told.
setGlobalConfig({ allowInsecureUrls: true })

const commands = { receive, present, verify: verifyCredential }

async function readStandardInput() {
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

async function main() {
  const command = commands[process.argv[2]]
  if (!command) throw new Error(`say one of: ${Object.keys(commands).join(', ')}`)
  return command(await readStandardInput())
}

main().then(
  (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
  async (error) => {
    process.stdout.write(`${JSON.stringify({ error: await explain(error) })}\n`)
    process.exitCode = 1
  },
)
