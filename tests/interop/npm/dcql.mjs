/**
 * The query language as the dcql library reads it: one JSON line in, one JSON line out, until the end of the input.
 *
 * read   {query}               -> true
 * match  {query, held}         -> {satisfied, matches, sets}: what a wallet that holds these credentials finds.
 *          held: [{vct, claims, bound, authority?}]
 *          matches: query id -> [{place, option, output}], for each held credential that matches
 *          sets: for each credential set the first option that can be met, or null
 * check  {query, presented}    -> {satisfied}: what a verifier finds; presented: query id -> [as held]
 */
import { createInterface } from 'node:readline'

import { DcqlPresentationResult, DcqlQuery } from 'dcql'

const parsed = (query) => {
  const read = DcqlQuery.parse(query)
  DcqlQuery.validate(read)
  return read
}

const credential = ({ vct, claims, bound, authority }) => ({
  credential_format: 'dc+sd-jwt',
  vct,
  claims,
  cryptographic_holder_binding: bound,
  ...(authority && { authority }),
})

const matchOf = ({ input_credential_index: place, claims }) => {
  const [{ claim_set_index: option, output }] = claims.valid_claim_sets
  return { place, option: option ?? null, output }
}

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([name, one]) => [name, change(one)]))

const actions = {
  read: ({ query }) => Boolean(parsed(query)),

  match({ query, held }) {
    const result = DcqlQuery.query(parsed(query), held.map(credential))
    return {
      satisfied: result.can_be_satisfied,
      matches: mapped(result.credential_matches, (one) => (one.valid_credentials ?? []).map(matchOf)),
      sets: (result.credential_sets ?? []).map((set) => set.matching_options?.[0] ?? null),
    }
  },

  check({ query, presented }) {
    const presentation = mapped(presented, (ones) => ones.map(credential))
    const result = DcqlPresentationResult.fromDcqlPresentation(presentation, { dcqlQuery: parsed(query) })
    return { satisfied: result.can_be_satisfied }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...details } = JSON.parse(line)
  let answer
  try {
    answer = { result: actions[name](details) }
  } catch (error) {
    answer = { error: error.message }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
