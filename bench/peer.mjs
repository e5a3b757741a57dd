/**
 * @sd-jwt/sd-jwt-vc at work, when asked: one JSON line in, one out.
 *
 * The first line sets up (claims, frame, shown, header, keys as JWKs, audience, nonce) and is answered by
 * `true`; each other, {operation, seconds}, by how often that operation ran in a second.
 */
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(new URL('../tests/interop/npm/package.json', import.meta.url))
const { digest, ES256, generateSalt } = require('@sd-jwt/crypto-nodejs')
const { SDJwtVcInstance } = require('@sd-jwt/sd-jwt-vc')

async function setUp({ claims, frame, shown, header, issuer, holder, audience, nonce }) {
  const library = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signer: await ES256.getSigner(issuer.private),
    signAlg: 'ES256',
    verifier: await ES256.getVerifier(issuer.public),
    kbSigner: await ES256.getSigner(holder.private),
    kbSignAlg: 'ES256',
    kbVerifier: await ES256.getVerifier(holder.public),
  })
  const issue = () => library.issue(claims, frame, { header })
  const credential = await issue()
  const present = () =>
    library.present(credential, shown, {
      kb: { payload: { iat: Math.floor(Date.now() / 1000), aud: audience, nonce } },
    })
  const presentation = await present()
  const verify = () => library.verify(presentation, { keyBindingNonce: nonce })
  const { payload } = await verify()
  for (const name of Object.keys(shown)) if (!(name in payload)) throw new Error(`${name} is not shown`)
  return { issue, present, verify }
}

async function rate(work, seconds) {
  await work()
  const began = performance.now()
  let count = 0
  let spent
  do {
    await work()
    count += 1
    spent = performance.now() - began
  } while (spent < seconds * 1000)
  return (count / spent) * 1000
}

let works
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  let answer = true
  if (works === undefined) works = await setUp(asked)
  else answer = await rate(works[asked.operation], asked.seconds)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
