/**
 * An issuer and a verifier made only of other people's libraries, for our wallet to meet.
 *
 *   node peers.mjs
 *
 * Each line of standard input is a command as JSON, each line of standard output its answer.
 *
 * {do: "open", issuer: {key, x5c, vct}, verifier: {key, x5c}, anchors, walletAnchors}   -> {url}
 * {do: "offer", claims, frame, expires, txCode?, byReference?, later?}                  -> {link, id}
 * {do: "asked", claims, frame, expires, later?}  what the next wallet that asks gets     -> {issuer, id}
 * {do: "invite", issuerState}  an offer to sign in there                               -> {link}
 * {do: "ready", id}            the claims of an offer made with `later` are there       -> {}
 * {do: "issued", id}                                                                    -> {events, tokens, waits}
 * {do: "request", query, info, prefix}                                                  -> {link, id}
 * {do: "answered", id}                                                                  -> {claims, error, fetched}
 *
 * Keys are private JWKs, `x5c` is base64 DER, leaf first.
 */
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { setGlobalConfig } from '@openid4vc/oauth2'

import { explain } from './explain.mjs'
import { TheirAuthorization } from './their_authorization.mjs'
import { TheirIssuer } from './their_issuer.mjs'
import { TheirVerifier } from './their_verifier.mjs'

// Loopback only: the libraries, which share this setting, refuse plain http unless told.
setGlobalConfig({ allowInsecureUrls: true })

let issuer
let askedIssuer
let verifier
const server = createServer((request, response) => void serve(request, response))

const commands = {
  async open(wish) {
    await new Promise((listening) => server.listen(0, 'localhost', listening))
    const url = `http://localhost:${server.address().port}`
    issuer = new TheirIssuer(`${url}/issuer`, wish.issuer)
    const base = `${url}/asked`
    const authorization = new TheirAuthorization({ base, walletAnchors: wish.walletAnchors })
    askedIssuer = new TheirIssuer(base, wish.issuer, authorization)
    verifier = new TheirVerifier(`${url}/verifier`, wish.verifier, wish.anchors)
    return { url }
  },
  offer: (wish) => issuer.offer(wish),
  asked: (wish) => askedIssuer.asked(wish),
  invite: (wish) => askedIssuer.invite(wish),
  ready: (wish) => holderOf(wish).ready(wish),
  issued: (wish) => holderOf(wish).told(wish),
  request: (wish) => verifier.request(wish),
  answered: (wish) => verifier.told(wish),
}

const holderOf = ({ id }) => (askedIssuer.knows(id) ? askedIssuer : issuer)

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1')
  const text = await bodyOf(request)
  const { status, type = 'application/json', body, headers } = await handled({
    method: request.method, path: pathname, query: searchParams, headers: request.headers, text,
  })
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers })
  response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
}

/** An error of the libraries holds what the other side is to be told. */
async function handled(call) {
  try {
    const answer = (await issuer.serve(call)) ?? (await askedIssuer.serve(call)) ?? (await verifier.serve(call))
    return answer ?? { status: 404, body: { error: 'not_found' } }
  } catch (error) {
    const body = error.errorResponse ?? { error: 'invalid_request', why: error.message }
    return { status: error.status ?? 400, body, headers: error.headers }
  }
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function answer({ do: name, ...wish }) {
  try {
    return await commands[name](wish)
  } catch (error) {
    return { error: await explain(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
server.close()
server.closeAllConnections()
