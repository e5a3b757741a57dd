/**
 * What Credo leaves to a platform, in memory: keys on node:crypto, records in a map.
 *
 * Its own packages for these (askar, drizzle) bring native code or are not in the registry for this version; nothing
 * here knows of a protocol. Only what a wallet with ES256 keys and ECDH-ES answers needs is there.
 */
import {
  createCipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes,
  randomUUID, sign, verify,
} from 'node:crypto'

import { RecordDuplicateError, RecordNotFoundError } from '@credo-ts/core'

const publicPart = ({ kty, crv, x, y }) => ({ kty, crv, x, y })
const ieee = (key) => ({ key, dsaEncoding: 'ieee-p1363' })
const KEY_BYTES = { A128GCM: 16, A256GCM: 32 }

/** A key management service of Credo. */
export class KeysInMemory {
  backend = 'memory'
  #keys = new Map()

  isOperationSupported(_context, { operation, type, algorithm, encryption, keyAgreement }) {
    if (operation === 'createKey') return type.kty === 'EC' && type.crv === 'P-256'
    if (operation === 'sign' || operation === 'verify') return algorithm === 'ES256'
    if (operation === 'encrypt') return encryption.algorithm in KEY_BYTES && keyAgreement?.algorithm === 'ECDH-ES'
    return ['randomBytes', 'deleteKey'].includes(operation)
  }

  async createKey(_context, { keyId = randomUUID() }) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#keys.set(keyId, privateKey)
    return { keyId, publicJwk: await this.getPublicKey(_context, keyId) }
  }

  async getPublicKey(_context, keyId) {
    const key = this.#keys.get(keyId)
    return key ? { ...publicPart(key.export({ format: 'jwk' })), kid: keyId } : null
  }

  async deleteKey(_context, { keyId }) {
    return this.#keys.delete(keyId)
  }

  async sign(_context, { keyId, data }) {
    return { signature: new Uint8Array(sign('sha256', data, ieee(this.#keys.get(keyId)))) }
  }

  async verify(_context, { key: { publicJwk, keyId }, data, signature }) {
    const jwk = publicJwk ?? (await this.getPublicKey(_context, keyId))
    const verified = verify('sha256', data, ieee(createPublicKey({ key: jwk, format: 'jwk' })), signature)
    return verified ? { verified, publicJwk: jwk } : { verified }
  }

  /** ECDH-ES with AES-GCM (RFC 7518 4.6, 5.3). */
  async encrypt(_context, { key: { keyAgreement }, encryption: { algorithm, aad, iv = randomBytes(12) }, data }) {
    const { keyId, externalPublicJwk, apu = Buffer.alloc(0), apv = Buffer.alloc(0) } = keyAgreement
    const publicKey = createPublicKey({ key: publicPart(externalPublicJwk), format: 'jwk' })
    const shared = diffieHellman({ privateKey: this.#keys.get(keyId), publicKey })
    const bytes = KEY_BYTES[algorithm]
    const info = [Buffer.from(algorithm), apu, apv].flatMap((part) => [word(part.length), part])
    const derived = createHash('sha256').update(Buffer.concat([word(1), shared, ...info, word(bytes * 8)])).digest()
    const cipher = createCipheriv(`aes-${bytes * 8}-gcm`, derived.subarray(0, bytes), iv).setAAD(aad)
    const encrypted = Buffer.concat([cipher.update(data), cipher.final()])
    return { encrypted: new Uint8Array(encrypted), iv: new Uint8Array(iv), tag: new Uint8Array(cipher.getAuthTag()) }
  }

  randomBytes(_context, { length }) {
    return new Uint8Array(randomBytes(length))
  }
}

function word(number) {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(number)
  return four
}

/** A storage service of Credo. */
export class RecordsInMemory {
  supportsCursorPagination = false
  #records = new Map()

  async save(_context, record) {
    if (this.#records.has(place(record))) throw new RecordDuplicateError('already there', { recordType: record.type })
    this.#records.set(place(record), record.clone())
  }

  async update(_context, record) {
    this.#found(record)
    this.#records.set(place(record), record.clone())
  }

  async delete(_context, record) {
    this.#found(record)
    this.#records.delete(place(record))
  }

  async deleteById(context, { type }, id) {
    await this.delete(context, { type, id })
  }

  async getById(_context, { type }, id) {
    return this.#found({ type, id }).clone()
  }

  async getAll(context, recordClass) {
    return this.findByQuery(context, recordClass, {})
  }

  async findByQuery(_context, { type }, query) {
    return [...this.#records.values()]
      .filter((record) => record.type === type && fits(record.getTags(), query))
      .map((record) => record.clone())
  }

  #found(record) {
    const found = this.#records.get(place(record))
    if (!found) throw new RecordNotFoundError('not there', { recordType: record.type })
    return found
  }
}

const place = ({ type, id }) => `${type}:${id}`

/** Whether the tags satisfy the query: equal values, lists that hold all that is asked, and the three connectives. */
function fits(tags, { $and = [], $or, $not, ...wanted }) {
  return (
    $and.every((one) => fits(tags, one)) &&
    ($or === undefined || $or.some((one) => fits(tags, one))) &&
    !($not !== undefined && fits(tags, $not)) &&
    Object.entries(wanted).every(([name, value]) =>
      Array.isArray(value) ? value.every((one) => tags[name]?.includes(one)) : tags[name] === value,
    )
  )
}
