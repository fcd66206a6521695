// Makes internal/document/fonts from Noto Sans SC and Noto Sans TC. The first is
// kept whole; of the second only the glyphs that the first lacks or draws in
// another way: the rest is the same to the byte. Tables that a PDF does not need
// are left out. The result is committed, so that building needs neither of them.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, 'node_modules/@expo-google-fonts')
const out = join(here, '../../internal/document/fonts')

// parse reads what is needed of a TrueType font: its tables, its glyphs, its
// widths and which character is which glyph.
function parse(bytes) {
  const tables = new Map()
  for (let i = 0; i < bytes.readUInt16BE(4); i++) {
    const at = 12 + 16 * i
    const start = bytes.readUInt32BE(at + 8)
    tables.set(bytes.toString('latin1', at, at + 4), bytes.subarray(start, start + bytes.readUInt32BE(at + 12)))
  }
  const loca = tables.get('loca'), glyf = tables.get('glyf'), hmtx = tables.get('hmtx')
  const long = tables.get('head').readInt16BE(50) === 1
  const offset = (i) => long ? loca.readUInt32BE(4 * i) : 2 * loca.readUInt16BE(2 * i)
  const wide = tables.get('hhea').readUInt16BE(34)
  return {
    tables,
    glyph: (i) => glyf.subarray(offset(i), offset(i + 1)),
    advance: (i) => hmtx.readUInt16BE(4 * Math.min(i, wide - 1)),
    bearing: (i) => i < wide ? hmtx.readInt16BE(4 * i + 2) : hmtx.readInt16BE(4 * wide + 2 * (i - wide)),
    chars: characters(tables.get('cmap')),
  }
}

// characters reads the cmap of format 12.
function characters(cmap) {
  const chars = new Map()
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const sub = cmap.subarray(cmap.readUInt32BE(8 + 8 * i))
    if (sub.readUInt16BE(0) !== 12) continue
    for (let g = 0; g < sub.readUInt32BE(12); g++) {
      const at = 16 + 12 * g
      const first = sub.readUInt32BE(at), glyph = sub.readUInt32BE(at + 8)
      for (let c = first; c <= sub.readUInt32BE(at + 4); c++) chars.set(c, glyph + c - first)
    }
  }
  return chars
}

// build writes a font that holds these characters of another, glyph 0 first.
function build(font, chars) {
  const kept = [0, ...new Set(chars.map((c) => font.chars.get(c)))]
  const place = new Map(kept.map((glyph, i) => [glyph, i]))
  const glyphs = kept.map((i) => {
    const glyph = font.glyph(i)
    if (glyph.length > 0 && glyph.readInt16BE(0) < 0) throw new Error('a composite glyph: teach this script to follow it')
    return Buffer.concat([glyph, Buffer.alloc((4 - glyph.length % 4) % 4)])
  })
  const loca = Buffer.alloc(4 * (kept.length + 1)), hmtx = Buffer.alloc(4 * kept.length)
  glyphs.forEach((glyph, i) => {
    loca.writeUInt32BE(loca.readUInt32BE(4 * i) + glyph.length, 4 * i + 4)
    hmtx.writeUInt16BE(font.advance(kept[i]), 4 * i)
    hmtx.writeInt16BE(font.bearing(kept[i]), 4 * i + 2)
  })
  const changed = (tag, write) => { const copy = Buffer.from(font.tables.get(tag)); write(copy); return copy }
  return write(new Map([
    ['OS/2', font.tables.get('OS/2')],
    ['cmap', cmapOf(chars.map((c) => [c, place.get(font.chars.get(c))]))],
    ['glyf', Buffer.concat(glyphs)],
    ['head', changed('head', (b) => b.writeInt16BE(1, 50))],
    ['hhea', changed('hhea', (b) => b.writeUInt16BE(kept.length, 34))],
    ['hmtx', hmtx],
    ['loca', loca],
    ['maxp', changed('maxp', (b) => b.writeUInt16BE(kept.length, 4))],
    ['name', font.tables.get('name')], // copyright and licence stand in it
    ['post', font.tables.get('post')],
  ]))
}

function cmapOf(pairs) {
  const groups = []
  for (const [c, glyph] of pairs.sort((a, b) => a[0] - b[0])) {
    const last = groups.at(-1)
    if (last && c === last[1] + 1 && glyph === last[2] + c - last[0]) last[1] = c
    else groups.push([c, c, glyph])
  }
  const b = Buffer.alloc(12 + 16 + 12 * groups.length)
  b.writeUInt16BE(1, 2)
  b.writeUInt16BE(3, 4)
  b.writeUInt16BE(10, 6)
  b.writeUInt32BE(12, 8)
  b.writeUInt16BE(12, 12)
  b.writeUInt32BE(16 + 12 * groups.length, 16)
  b.writeUInt32BE(groups.length, 24)
  groups.forEach((g, i) => g.forEach((n, j) => b.writeUInt32BE(n, 28 + 12 * i + 4 * j)))
  return b
}

function sum(bytes) {
  let total = 0
  for (let i = 0; i + 3 < bytes.length; i += 4) total = (total + bytes.readUInt32BE(i)) >>> 0
  return total
}

function write(tables) {
  const n = tables.size, power = Math.floor(Math.log2(n))
  const head = Buffer.alloc(12 + 16 * n)
  head.writeUInt32BE(0x00010000, 0)
  head.writeUInt16BE(n, 4)
  head.writeUInt16BE(16 * 2 ** power, 6)
  head.writeUInt16BE(power, 8)
  head.writeUInt16BE(16 * n - 16 * 2 ** power, 10)
  const parts = [head]
  let at = head.length, i = 0
  for (const [tag, body] of tables) {
    const padded = Buffer.concat([body, Buffer.alloc((4 - body.length % 4) % 4)])
    head.write(tag, 12 + 16 * i, 'latin1')
    head.writeUInt32BE(sum(padded), 16 + 16 * i)
    head.writeUInt32BE(at, 20 + 16 * i)
    head.writeUInt32BE(body.length, 24 + 16 * i)
    parts.push(padded)
    at += padded.length
    i++
  }
  return Buffer.concat(parts)
}

const load = async (name) => parse(await readFile(join(packages, name)))
const sc = await load('noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf')
const tc = await load('noto-sans-tc/400Regular/NotoSansTC_400Regular.ttf')
const same = (c) => {
  const there = sc.chars.get(c), here = tc.chars.get(c)
  return there !== undefined && sc.advance(there) === tc.advance(here) && sc.glyph(there).equals(tc.glyph(here))
}
const made = {
  'NotoSansSC.ttf': build(sc, [...sc.chars.keys()]),
  'NotoSansTC-own.ttf': build(tc, [...tc.chars.keys()].filter((c) => !same(c))),
  'OFL.txt': await readFile(join(packages, 'noto-sans-sc/LICENSE_FONT')),
}
await mkdir(out, { recursive: true })
for (const [name, bytes] of Object.entries(made)) {
  await writeFile(join(out, name), bytes)
  console.log(`${name.padEnd(20)} ${bytes.length}`)
}
