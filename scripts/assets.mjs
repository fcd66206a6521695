// Builds static/dist from static/src and the npm packages. The result is
// committed, so that building the Go program needs no Node.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import * as sass from 'sass'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const src = join(root, 'static/src')
const dist = join(root, 'static/dist')
const modules = join(root, 'node_modules')

async function styles() {
  const compile = (file) => sass.compile(join(src, 'scss', file), {
    style: 'compressed', loadPaths: [modules], quietDeps: true, charset: false,
  }).css
  const leaflet = (await readFile(join(modules, 'leaflet/dist/leaflet.css'), 'utf8'))
    .replace(/[^{}]*\{[^{}]*url\([^{}]*\}/g, '') // its pictures are not shipped: pins are drawn
  await write('app.css', compile('app.scss'))
  await write('map.css', (await esbuild.transform(leaflet, { loader: 'css', minify: true })).code + compile('map.scss'))
}

async function scripts() {
  await esbuild.build({
    entryPoints: [join(src, 'js/app.js')],
    outdir: dist,
    bundle: true, splitting: true, format: 'esm', minify: true, target: 'es2022',
    chunkNames: '[name]', legalComments: 'none', logLevel: 'warning',
  })
  await esbuild.build({ // a worker stands alone
    entryPoints: [join(src, 'js/inspection-worker.js')],
    outdir: dist, bundle: true, format: 'iife', minify: true, target: 'es2022', logLevel: 'warning',
  })
}

// files lists everything below a folder with one of the endings.
async function files(folder, endings) {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
  return found.filter((one) => one.isFile() && endings.some((end) => one.name.endsWith(end)))
    .map((one) => join(one.parentPath, one.name))
}

async function iconNames() {
  const listed = (await readFile(join(src, 'icons.txt'), 'utf8')).split('\n').filter((line) => line && !line.startsWith('#'))
  const names = new Set(listed)
  for (const file of await files('templates', ['.html'])) {
    for (const hit of (await readFile(file, 'utf8')).matchAll(/\bicon "([a-z0-9-]+)"/g)) names.add(hit[1])
  }
  for (const file of await files('internal', ['.go'])) {
    for (const hit of (await readFile(file, 'utf8')).matchAll(/\bIcon(?::\s*|\()"([a-z0-9-]+)"/g)) names.add(hit[1])
  }
  return [...names].sort()
}

async function icons() {
  const symbols = []
  for (const name of await iconNames()) {
    const svg = await readFile(join(modules, '@tabler/icons/icons/outline', `${name}.svg`), 'utf8')
      .catch(() => { throw new Error(`there is no icon "${name}" in @tabler/icons`) })
    const body = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, '')
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, '').replace(/\n\s*/g, '')
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`)
  }
  await write('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`)
}

async function licences() {
  const used = ['govuk-frontend', 'htmx.org', 'echarts', 'zrender', 'tslib', 'leaflet', '@tabler/icons'] // with what echarts brings
  const texts = await Promise.all(used.map(async (name) => {
    const { version, license } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'))
    const folder = await readdir(join(modules, name))
    const file = folder.find((one) => /^licen[cs]e/i.test(one))
    const text = await readFile(file ? join(modules, name, file) : join(src, 'licences', `${name}.txt`), 'utf8') // some leave it out
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  }))
  await write('licences.txt', texts.join(`\n${'-'.repeat(72)}\n\n`))
}

async function write(name, text) {
  await mkdir(dist, { recursive: true })
  await writeFile(join(dist, name), text)
}

await rm(dist, { recursive: true, force: true })
await Promise.all([styles(), scripts(), icons(), licences()])
await write('favicon.svg', await readFile(join(src, 'favicon.svg'), 'utf8'))
for (const file of await files('static/dist', [''])) {
  console.log(`${relative(root, file).padEnd(40)} ${(await readFile(file)).length}`)
}
