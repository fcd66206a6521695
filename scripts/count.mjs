// Adds up what the test runners wrote and prints one closing line.
// usage: node count.mjs FOLDER FAILED-STEPS
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, failedSteps] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: 0 }
let shaky = 0 // passed only at the second try
const read = (name) => {
  const file = join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

const words = { pass: 'passed', fail: 'failed', skip: 'skipped' }
for (const line of read('go.json').split('\n')) {
  if (!line.startsWith('{')) continue
  const { Action, Test } = JSON.parse(line)
  if (Test && words[Action]) sum[words[Action]]++
}

const browser = read('browser.json')
if (browser) {
  const { expected, unexpected, flaky, skipped } = JSON.parse(browser).stats
  sum.passed += expected + flaky
  sum.failed += unexpected
  shaky = flaky
  sum.skipped += skipped
}

// A step may fail without a failed test: a build, a finding of the linter.
if (sum.failed === 0) sum.failed = Number(failedSteps)
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}${shaky ? `, ${shaky} only at the second try` : ''}`)
