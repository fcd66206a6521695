// Starts and stops the real program with the demo city, in a folder of its own.
import { execFile, spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const program = process.env.TEST_PROGRAM ?? fileURLToPath(new URL('../../bin/minqing', import.meta.url))

// What no line of a log may hold: addresses of mail, mobile numbers, identity
// numbers, and the names and words that the journeys type.
const personal = /[\w.+-]+(@|%40)[\w-]+\.\w|(?<![\w-])(1[3-9]\d{9}|09\d{8}|\d{17}[\dXx]|[A-Z][12]\d{8})(?![\w-])|王小明|王秀英|某科員|湖濱路|電纜|路燈/

export type Server = { url: string; folder: string; log: () => string; stop: () => Promise<void> }

// serve resolves once the server says that it is ready. The database is the one
// in the folder unless an address is given.
export async function serve(folder: string, database = '', more: { port?: number; settings?: Record<string, string>; demo?: boolean } = {}): Promise<Server> {
  const listen = `127.0.0.1:${more.port ?? await freePort()}`
  const url = `http://${listen}`
  const child = spawn(program, ['serve', ...(more.demo === false ? [] : ['--demo']), '--listen', listen], {
    cwd: folder, env: { ...settings(folder, database), MINQING_BASE_URL: url, ...more.settings }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  let answered = false
  let log = ''
  let written = '' // the log proper, without the greeting that names the demo accounts
  child.stdout.on('data', (part) => { log += part })
  child.stderr.on('data', (part) => { log += part; written += part })
  const gone = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', (reason) => { log += reason.message; resolve() })
  })
  const stop = async () => {
    if (answered) await fetch(url).catch(() => {}) // journeys with a server of their own asked this one for nothing
    child.kill('SIGTERM')
    await gone
    if (answered && !/^\{.*"level"/m.test(written)) throw new Error('the server wrote no log where one is looked for')
    const leaks = written.split('\n').filter((line) => personal.test(line))
    if (leaks.length) throw new Error(`the log holds personal data:\n${leaks.slice(0, 5).join('\n')}`)
  }

  let over = false
  void gone.then(() => { over = true })
  const deadline = Date.now() + 120_000
  while (!(await ready(url))) {
    if (over || Date.now() > deadline) {
      await stop()
      throw new Error(`${program} did not become ready:\n${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  answered = true
  return { url, folder, log: () => log, stop }
}

// load fills the city in the folder with so many cases of a year.
export async function load(folder: string, cases: string) {
  const run = promisify(execFile)
  await run(program, ['demo', 'load', '--cases', cases], { cwd: folder, env: settings(folder) })
}

// createAccount makes an account, of staff where it has a unit, in the database of the folder.
export async function createAccount(folder: string, email: string, password: string, role: string, unit = '') {
  const run = spawn(program, ['account', 'create', email, '--role', role, ...(unit ? ['--unit', unit] : [])], { cwd: folder, env: settings(folder), stdio: ['pipe', 'ignore', 'inherit'] })
  run.stdin.end(`${password}\n${password}\n`)
  const code = await new Promise((resolve) => run.on('exit', resolve))
  if (code !== 0) throw new Error(`no account for ${email}`)
}

// erasePerson does what an operator does with a wish on paper: finds the records of
// an address and erases them, while the server runs.
export async function erasePerson(folder: string, email: string, reason: string) {
  const run = promisify(execFile)
  const options = { cwd: folder, env: settings(folder) }
  const found = await run(program, ['person', 'find', email], options)
  const [id] = found.stdout.split(' ')
  return (await run(program, ['person', 'erase', id!, '--reason', reason], options)).stdout
}

function settings(folder: string, database = ''): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '', HOME: folder, TZ: 'UTC',
    MINQING_DATABASE_URL: database || `sqlite:${join(folder, 'minqing.db')}`,
    MINQING_KEYS: join(folder, 'keys.json'),
    MINQING_BLOB_URL: `file:${join(folder, 'blobs')}`,
    MINQING_METRICS_LISTEN: 'off',
    TEST_PROOF_PAGES: 'on', // every page also by html/template, which must write the same
  }
}

async function ready(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
