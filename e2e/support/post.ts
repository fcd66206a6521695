// A mail server and a gateway for text messages that keep what they get.
import { createServer as createHTTP } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'

export type Letter = { to: string; text: string }

// startPost gives the addresses for the settings, and the newest letter or text
// to somebody once it has come.
export async function startPost() {
  const letters: Letter[] = []
  const mail = createServer((socket) => {
    let to = '', body = '', reading = false, rest = ''
    const say = (line: string) => socket.write(line + '\r\n')
    say('220 post')
    socket.on('error', () => {})
    socket.on('data', (part) => {
      rest += part.toString('latin1')
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (reading) {
          if (line === '.') { letters.push({ to, text: plain(body) }); reading = false; body = ''; say('250 taken') } else body += line + '\n'
        } else if (/^RCPT/i.test(line)) { to = /<(.*)>/.exec(line)![1]!; say('250 ok') } else if (/^DATA/i.test(line)) { reading = true; say('354 go on') } else if (/^QUIT/i.test(line)) { say('221 bye'); socket.end() } else say('250 post')
      }
    })
  })
  const texts = createHTTP(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    if (request.method === 'POST') letters.push(JSON.parse(body) as Letter)
    response.writeHead(202).end()
  })
  for (const server of [mail, texts]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port
  return {
    settings: { MINQING_SMTP_URL: `smtp://127.0.0.1:${port(mail)}?starttls=off`, MINQING_SMS_URL: `http://token@127.0.0.1:${port(texts)}/` },
    async to(address: string, has: RegExp): Promise<RegExpExecArray> {
      for (const until = Date.now() + 15_000; Date.now() < until;) {
        for (let i = letters.length - 1; i >= 0; i--) {
          const found = letters[i]!.to === address && has.exec(letters[i]!.text)
          if (found) { letters.splice(i, 1); return found }
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`nothing like ${has} came`)
    },
    stop() { mail.close(); texts.closeAllConnections(); texts.close() },
  }
}

// plain undoes quoted-printable; letters hold text and page, either will do.
function plain(body: string): string {
  return Buffer.from(body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8')
}
