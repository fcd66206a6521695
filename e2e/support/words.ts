// The product's own words, so that a journey asks for "Send" in the reader's
// language without repeating it.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { languages, type Lang } from './test.ts'

const folder = fileURLToPath(new URL('../../locales/', import.meta.url))
const messages = Object.fromEntries(languages.map((lang) => [lang, load(lang)])) as Record<Lang, Map<string, string>>

// word gives a message with its placeholders filled. A message with plurals has
// the forms `key#one` and `key#other`.
export function word(lang: Lang, key: string, values: Record<string, string | number> = {}): string {
  const form = messages[lang].get(key) ?? messages[lang].get(`${key}#${lang === 'en' && values.Count === 1 ? 'one' : 'other'}`)
  if (form === undefined) throw new Error(`no message ${key} in ${lang}`)
  return form.replace(/\{\{\.(\w+)\}\}/g, (_, name) => {
    if (!(name in values)) throw new Error(`message ${key} wants ${name}`)
    return String(values[name])
  })
}

// load reads the locale files: one line a message, a table for plurals.
function load(lang: Lang): Map<string, string> {
  const all = new Map<string, string>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith(`.${lang}.toml`))) {
    let table = ''
    for (const line of readFileSync(folder + file, 'utf8').split('\n')) {
      const head = /^\["?([^"\]]+)"?\]$/.exec(line.trim())
      if (head) table = head[1]!
      const pair = /^"?([\w.]+)"?\s*=\s*("(?:[^"\\]|\\.)*")/.exec(line)
      if (pair) all.set(table && /^(one|other)$/.test(pair[1]!) ? `${table}#${pair[1]}` : pair[1]!, JSON.parse(pair[2]!))
    }
  }
  return all
}
