// A reader written from docs/qr-presentation.md alone, with nothing but Node.js. It takes the test
// vectors out of the page and prints, as JSON, the presentations that it restores from them.
import {
  ECDH, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const page = readFileSync(process.argv[2], 'utf8')
const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)))
const sha256 = (...parts) => createHash('sha256').update(bytes(...parts)).digest()
const base64url = (data) => Buffer.from(data).toString('base64url')
const check = (holds, what) => { if (!holds) throw new Error(what) }

function block(section, title) {
  const begin = page.indexOf(`## ${section}`)
  const text = page.indexOf('```text\n', page.indexOf(`\n${title}`, begin)) + 8
  return page.slice(text, page.indexOf('\n```', text)).replaceAll('\n', '')
}

const dictionary = Buffer.from(block('10.', 'Dictionary'), 'base64')
check(page.includes(sha256(dictionary).toString('hex')), 'dictionary')
const inflate = (data, maxOutputLength) => inflateRawSync(data, { dictionary, maxOutputLength })

// 2. Digits
const DIGITS = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29, 32, 34, 37, 39, 41, 44, 46, 49, 51, 53]

function bytesOf(digits) {
  return bytes(...digits.match(/\d{1,53}/g).map((each) => {
    const length = DIGITS.indexOf(each.length)
    const hex = BigInt(each).toString(16).padStart(2 * length, '0')
    check(length > 0 && hex.length === 2 * length, 'digits')
    return Buffer.from(hex, 'hex')
  }))
}

// 3. Frames
function crc32(text) {
  let crc = ~0
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ((~crc) >>> 0).toString().padStart(10, '0')
}

function bodyOf(...frames) {
  const pieces = []
  for (const frame of frames) {
    check(/^59591[123][1-8][1-8]\d{21,}$/.test(frame) && +frame[7] === frames.length, 'frame')
    check(crc32(frame.slice(0, -10)) === frame.slice(-10), 'checksum')
    pieces[frame[6] - 1] = bytesOf(frame.slice(18, -10))
  }
  const body = bytes(...pieces)
  const id = sha256(frames[0][5], body).readUInt32BE(0).toString().padStart(10, '0')
  check(frames.every((frame) => frame.slice(8, 18) === id), 'message id')
  return body
}

// 4. Compaction
class Restorer {
  constructor(packed, known, certificates) {
    const ends = 2 + packed.readUInt16BE(0)
    this.parts = inflate(packed.subarray(2, ends), 65536).toString('utf8').split('\x1f')
    this.raw = packed.subarray(ends)
    this.disclosures = []
    this.tokens = {
      '\x01': () => base64url(this.take(16)),
      '\x02': () => base64url((this.x = this.take(32))),
      '\x03': () => base64url(this.take(64)),
      '\x04': () => base64url(this.sized()),
      '\x05': () => base64url(sha256(this.disclosures[this.take(1)[0]])),
      '\x06': () => base64url(sha256(this.presentation)),
      '\x07': () => known[this.take(1)[0]],
      '\x08': () => {
        const hash = this.take(32)
        return certificates.find((der) => sha256(der).equals(hash)).toString('base64')
      },
      '\x0b': () => inflate(this.sized(), 6144).toString('base64'),
      '\x0e': () => this.y(2),
      '\x0f': () => this.y(3),
    }
  }
  take(length) {
    check(this.raw.length >= length, 'raw bytes')
    const taken = this.raw.subarray(0, length)
    this.raw = this.raw.subarray(length)
    return taken
  }
  sized() { return this.take(this.take(2).readUInt16BE(0)) }
  y(sign) {
    const point = ECDH.convertKey(bytes([sign], this.x), 'prime256v1', null, null, 'uncompressed')
    return base64url(point.subarray(33))
  }
  text() { return this.parts.shift().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, (t) => this.tokens[t]()) }
  json() { return base64url(this.text()) }
  jwt() { return `${this.json()}.${this.json()}.${this.text()}` }
  finish() { check(this.parts.length === 0 && this.raw.length === 0, 'left over') }
}

function presentationOf(packed, known, certificates) {
  const restorer = new Restorer(packed, known, certificates)
  while (restorer.parts.length > 6) restorer.disclosures.push(restorer.json())
  restorer.presentation = [restorer.jwt(), ...restorer.disclosures, ''].join('~')
  const whole = restorer.presentation + restorer.jwt()
  restorer.finish()
  return whole
}

// 6.1 HPKE, base mode, single shot (RFC 9180)
const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
const number = (value) => [value >> 8, value & 255]
const labeledExtract = (suite, salt, label, ikm) => hmac(salt, bytes('HPKE-v1', suite, label, ikm))
const labeledExpand = (suite, key, label, info, length) =>
  hmac(key, bytes(number(length), 'HPKE-v1', suite, label, info, [1])).subarray(0, length)

function unbox(privateKey, boxed, info) {
  const jwk = { kty: 'OKP', crv: 'X25519' }
  const own = Buffer.from(block('9.2', 'Public X25519 key'), 'hex')
  const secret = createPrivateKey({ key: { ...jwk, x: base64url(own), d: base64url(privateKey) }, format: 'jwk' })
  const enc = boxed.subarray(0, 32)
  const sender = createPublicKey({ key: { ...jwk, x: base64url(enc) }, format: 'jwk' })
  const kem = bytes('KEM', number(0x20))
  const dh = diffieHellman({ privateKey: secret, publicKey: sender })
  const shared = labeledExpand(
    kem, labeledExtract(kem, '', 'eae_prk', dh), 'shared_secret', bytes(enc, own), 32)
  const suite = bytes('HPKE', number(0x20), number(1), number(1))
  const context = bytes([0], labeledExtract(suite, '', 'psk_id_hash', ''), labeledExtract(suite, '', 'info_hash', info))
  const master = labeledExtract(suite, shared, 'secret', '')
  const opener = createDecipheriv('aes-128-gcm',
    labeledExpand(suite, master, 'key', context, 16), labeledExpand(suite, master, 'base_nonce', context, 12))
  opener.setAuthTag(boxed.subarray(-16))
  return bytes(opener.update(boxed.subarray(32, -16)), opener.final())
}

// 5. The challenge, then both answers
const link = block('9.2', 'Link')
check(link.startsWith('kyky-challenge:'), 'link')
const asked = bodyOf(link.slice('kyky-challenge:'.length))
const ends = 3 + asked.readUInt16BE(1)
const access = inflate(asked.subarray(3, ends), 6144)
check(access.toString('base64') === block('9.2', "The desk's access certificate"), 'access certificate')
const restorer = new Restorer(asked.subarray(ends), [base64url(sha256(access))], [])
const claims = JSON.parse(Buffer.from(restorer.jwt().split('.')[1], 'base64url'))
restorer.finish()

const certificates = [Buffer.from(block('9.3', "The issuer's certificate"), 'base64')]
const privateKey = Buffer.from(block('9.2', 'Private X25519 key'), 'hex')
const answer = bodyOf(block('9.3', 'As two frames, number 2'), block('9.3', 'As two frames, number 1'))
check(answer.equals(bodyOf(block('9.3', 'As one frame'))), 'frames')
check(answer.subarray(0, 4).equals(sha256(claims.nonce).subarray(0, 4)), 'tag')
const packed = unbox(privateKey, answer.subarray(4), `kykylompakko-qr:1:bound-answer:${claims.nonce}`)
check(packed.toString('hex') === block('9.3', 'Packed form'), 'packed form')
console.log(JSON.stringify({
  bound: presentationOf(packed, [claims.nonce, claims.client_id], certificates),
  selfInitiated: presentationOf(bodyOf(block('9.4', 'As one frame')), [], []),
}))
