// The numbers of the permits that the demo city has from its beginning: they are
// numbered in the order of the file, by the year in which each was issued.
import { readFileSync } from 'node:fs'

type Held = { no: string; type: string; holder: string; act?: string }

const zone = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric' })

export function held(type: string, holder: string, act?: string): string {
  const text = readFileSync(new URL('../../internal/demo/city/held.yaml', import.meta.url), 'utf8')
  const all = text.split(/^- /m).slice(1).map((one, i): Held => {
    const say = (name: string) => new RegExp(`\\b${name}: ([\\w-]+)`).exec(one)?.[1]
    const year = zone.format(new Date(Date.now() - Number(say('issued')) * 86_400_000))
    const waits = say('waits') === 'true' // for a second person: nothing was done yet
    return { no: numbered(`LJP${year}${String(i + 1).padStart(7, '0')}`), type: say('type')!, holder: say('holder')!, act: waits ? 'waits' : say('act') }
  })
  return all.find((p) => p.type === type && p.holder === holder && p.act === act)!.no
}

// numbered adds the check character of ISO 7064 MOD 37,36.
function numbered(body: string): string {
  const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  let p = 36
  for (const sign of body) p = (2 * ((p + signs.indexOf(sign)) % 36 || 36)) % 37
  return body + signs[(37 - p) % 36]
}
