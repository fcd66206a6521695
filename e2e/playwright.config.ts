import { defineConfig } from '@playwright/test'
import { languages, narrow, wide, type Options } from './support/test.ts'

// Debian's Chromium without its windows, in which the journeys take half of the
// time; the flags keep it from asking the outside world anything.
export const chromium = {
  executablePath: process.env.TEST_CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
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
    // Each journey is made in each language, in English (the longest words) with
    // a phone; expectSound looks at its pages in both widths. Those tagged @six,
    // of the citizen, the clerk and the official, are made in both widths; those
    // tagged @phone with a phone only.
    ...languages.flatMap((lang) => [
      { name: `${lang} 1280`, grep: lang === 'en' ? /@six/ : /./, grepInvert: /@phone/, use: { lang, viewport: wide } },
      { name: `${lang} 390`, grep: lang === 'en' ? /./ : /@six|@phone/, use: { lang, viewport: narrow, hasTouch: true, proof: lang === 'en' } },
    ]),
    // Tests tagged @noscript say: this works without JavaScript.
    { name: 'no script', grep: /@noscript/, use: { lang: 'zh-Hant', viewport: wide, javaScriptEnabled: false } },
    // Tests tagged @smoke say: and on PostgreSQL too.
    ...(process.env.TEST_BROWSER_POSTGRES_URL
      ? [{ name: 'PostgreSQL', grep: /@smoke/, workers: 1, use: { lang: 'en', viewport: wide, database: process.env.TEST_BROWSER_POSTGRES_URL } } as const]
      : []),
  ],
})
