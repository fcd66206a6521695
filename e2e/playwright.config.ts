import { defineConfig } from '@playwright/test'
import { readdirSync } from 'node:fs'
import { languages, narrow, wide, type Lang, type Options } from './support/test.ts'

// Debian's Chromium without its windows, in which the journeys take half of the
// time; the flags keep it from asking the outside world anything.
export const chromium = {
  executablePath: process.env.TEST_CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
}

// turns matches the journeys that are made in a language: the names of files decide,
// so that a new one moves no other.
function turns(lang: Lang): RegExp {
  if (process.env.JOURNEYS === 'all') return /./
  return new RegExp(['@six', '@three', ...filesOf(lang)].join('|'))
}

function phones(lang: Lang): RegExp {
  if (process.env.JOURNEYS === 'all') return /@six|@phone/
  return new RegExp(['@six', '@three.*@phone', ...filesOf(lang).map((file) => `${file} .*@phone`)].join('|'))
}

function filesOf(lang: Lang): string[] {
  const turn = (file: string) => [...file].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % languages.length
  return readdirSync(new URL('journeys', import.meta.url)).filter((file) => languages[turn(file)] === lang).map((file) => ' ' + file.replaceAll('.', '\\.'))
}

export default defineConfig<Options>({
  testDir: 'journeys',
  outputDir: 'test-results',
  globalSetup: './support/template.ts',
  forbidOnly: true,
  fullyParallel: false, // the steps of one file share what they made
  workers: 3, // of two processors: one waits while two work
  retries: 1, // a browser on a busy machine may stall; scripts/count.mjs tells of each second try
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: process.env.TEST_BROWSER_RESULTS ?? 'test-results/results.json' }]],
  use: { browserName: 'chromium', launchOptions: chromium, screenshot: 'only-on-failure' },
  projects: [
    // A journey is made in the language whose turn its file has, in English (the
    // longest words) with a phone; expectSound looks at its pages in both widths.
    // Those tagged @three are made in each language; those tagged @six, of the
    // citizen, the clerk and the official, in both widths too; those tagged @phone
    // with a phone only. JOURNEYS=all makes all of them in each language.
    ...languages.flatMap((lang) => [
      { name: `${lang} 1280`, grep: lang === 'en' ? /@six/ : turns(lang), grepInvert: /@phone/, use: { lang, viewport: wide } },
      { name: `${lang} 390`, grep: lang === 'en' ? turns(lang) : phones(lang), use: { lang, viewport: narrow, hasTouch: true, proof: lang === 'en' } },
    ]),
    // Tests tagged @noscript say: this works without JavaScript.
    { name: 'no script', grep: /@noscript/, use: { lang: 'zh-Hant', viewport: wide, javaScriptEnabled: false } },
    // Tests tagged @smoke say: and on PostgreSQL too.
    ...(process.env.TEST_BROWSER_POSTGRES_URL
      ? [{ name: 'PostgreSQL', grep: /@smoke/, workers: 1, use: { lang: 'en', viewport: wide, database: process.env.TEST_BROWSER_POSTGRES_URL } } as const]
      : []),
  ],
})
