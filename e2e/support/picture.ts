// A picture to attach: one colour, as PNG.
import { crc32, deflateSync } from 'node:zlib'

export function picture(width: number, height: number, [r, g, b]: [number, number, number]): Buffer {
  const chunk = (kind: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(kind), body])
    const out = Buffer.alloc(8 + named.length)
    out.writeUInt32BE(body.length)
    named.copy(out, 4)
    out.writeUInt32BE(crc32(named), 4 + named.length)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2], 8) // eight bits each of red, green and blue
  const row = Buffer.concat([Buffer.alloc(1), Buffer.alloc(3 * width, Buffer.from([r, g, b]))])
  const rows = Buffer.concat(Array.from({ length: height }, () => row))
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
