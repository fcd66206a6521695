// Mailpit: a real mail server that keeps what it gets, with its headers. It is built
// from tools/ where it is not there yet.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from './server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = root + 'bin/tools/mailpit'

export type Mail = { to: string; text: string; headers: Record<string, string[]> }

// startMailpit gives the address for the settings, and the newest mail with a
// subject once it has come.
export async function startMailpit() {
  if (!existsSync(program)) execFileSync('go', ['build', '-modfile=tools/go.mod', '-o', 'bin/tools/mailpit', 'github.com/axllent/mailpit'], { cwd: root, stdio: 'inherit' })
  const [smtp, web] = [await freePort(), await freePort()]
  const child = spawn(program, ['--quiet', '--smtp', `127.0.0.1:${smtp}`, '--listen', `127.0.0.1:${web}`, '--disable-version-check', '--smtp-disable-rdns'], { stdio: 'ignore' })
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${web}${path}`)).json()
  for (const until = Date.now() + 20_000; ;) {
    if (await fetch(`http://127.0.0.1:${web}/readyz`).then((r) => r.ok, () => false)) break
    if (Date.now() > until) throw new Error('mailpit does not answer')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    settings: { MINQING_SMTP_URL: `smtp://127.0.0.1:${smtp}?starttls=off` },
    async about(subject: string): Promise<Mail> {
      for (const until = Date.now() + 20_000; Date.now() < until;) {
        const { messages } = await get(`/api/v1/search?query=${encodeURIComponent(`subject:"${subject}"`)}`)
        const found = messages.find((one: { Subject: string }) => one.Subject === subject)
        if (found) {
          const [mail, headers] = [await get(`/api/v1/message/${found.ID}`), await get(`/api/v1/message/${found.ID}/headers`)]
          return { to: mail.To[0].Address, text: mail.Text, headers }
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`no mail about ${subject} came`)
    },
    stop() { child.kill() },
  }
}
