// The pictures of README.md, made from the running program: make pictures.
import { defineConfig } from '@playwright/test'
import { chromium } from './playwright.config.ts'
import type { Options } from './support/test.ts'

process.env.TEST_BROWSER_CASES ??= '20000' // a year of the city's cases

export default defineConfig<Options>({
  testDir: 'pictures',
  outputDir: 'test-results',
  globalSetup: './support/template.ts',
  workers: 1,
  timeout: 180_000,
  reporter: 'list',
  use: { browserName: 'chromium', launchOptions: { ...chromium, args: [...chromium.args, '--lang=zh-TW'] }, lang: 'zh-Hant', viewport: { width: 1280, height: 900 } },
})
