/**
 * An agent of Credo: its own modules, on keys and records in memory.
 */
import { EventEmitter } from 'node:events'

import {
  Agent, CacheModule, InjectionSymbols, InMemoryLruCache, Kms, SdJwtVcService, StorageUpdateService, X509Module,
} from '@credo-ts/core'
import { OpenId4VcModule } from '@credo-ts/openid4vc'

import { verifierBy } from './credential.mjs'
import { KeysInMemory, RecordsInMemory } from './credo_stores.mjs'

const ANCHORS_FOR = { credential: 'issuers', oauth2SecuredAuthorizationRequest: 'receivers' }

/**
 * @param {{trusted: {issuers: string[], receivers: string[], statusLists: string[]}, corrections: string[],
 *   fetching: Function}} wish
 *   `trusted`: certificates as PEM, by what their keys may sign; anything else is trusted to nobody. `corrections`:
 *   which of `CORRECTIONS` to make; none leaves Credo as it comes. `fetching` makes its requests.
 */
export async function newAgent({ trusted, corrections, fetching }) {
  const agent = new Agent({
    config: { allowInsecureHttpUrls: true }, // plain http on loopback; the @openid4vc libraries hear of it
    dependencies: { FileSystem: Unused, WebSocketClass: Unused, EventEmitterClass: EventEmitter, fetch: fetching },
    modules: {
      storage: { register: (manager) => manager.registerInstance(InjectionSymbols.StorageService, new RecordsInMemory()) },
      kms: new Kms.KeyManagementModule({ backends: [new KeysInMemory()] }),
      cache: new CacheModule({ cache: new InMemoryLruCache({ limit: 10 }) }),
      x509: new X509Module({
        getTrustedCertificatesForVerification: (_context, { verification }) => trusted[ANCHORS_FOR[verification.type]] ?? [],
      }),
      openid4vc: new OpenId4VcModule(),
    },
  })
  const versions = agent.dependencyManager.resolve(StorageUpdateService)
  await versions.setCurrentStorageVersion(agent.context, StorageUpdateService.frameworkStorageVersion)
  for (const name of corrections) CORRECTIONS[name](agent.dependencyManager.resolve(SdJwtVcService), trusted)
  await agent.initialize()
  return agent
}

/** What an agent must have and a wallet of OpenID4VC never touches. */
class Unused {}

/**
 * Where Credo 0.6 asks more of a card than the text does; no setting of its own changes that.
 */
const CORRECTIONS = {
  /** It wants `iss` among the names in the signer's certificate, as drafts before -11 of SD-JWT VC did. */
  issuer(cards) {
    cards.assertValidX5cJwtIssuer = () => {}
  },
  /** It checks a status list with the key that signed the card, whatever chain the list brings (credo-ts#2605). */
  status(cards, { statusLists }) {
    const settings = cards.getBaseSdJwtConfig.bind(cards)
    const statusVerifier = verifierBy({ typ: 'statuslist+jwt', anchors: statusLists })
    cards.getBaseSdJwtConfig = (context) => ({ ...settings(context), statusVerifier })
  },
}
