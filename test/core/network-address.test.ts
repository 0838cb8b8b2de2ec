import { expect, it } from 'vitest'
import { addressProblem, isLoopback } from '../../src/core/network-address.ts'

it.each([
  '93.184.216.34',
  '127.0.0.1',
  '10.0.0.5',
  '192.168.1.1',
  '172.16.0.1',
  '169.253.255.255',
  '169.255.0.1',
  '223.255.255.255',
  '::1',
  '2606:2800:220:1:248:1893:25c8:1946',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '64:ff9b::5db8:d822',
])('lets %s be asked: who it is is a matter of configuration', (ip) => {
  expect(addressProblem(ip)).toBeNull()
})

const metadata = 'is an address of a cloud metadata service'

it.each([
  ['169.254.169.254', metadata],
  ['169.254.170.2', 'is link-local'],
  ['100.100.100.200', metadata],
  ['168.63.129.16', metadata],
  ['192.0.0.192', metadata],
  ['0.0.0.0', 'is unspecified'],
  ['0.1.2.3', 'is unspecified'],
  ['224.0.0.1', 'is multicast'],
  ['239.255.255.255', 'is multicast'],
  ['240.0.0.1', 'is reserved'],
  ['255.255.255.255', 'is reserved'],
  ['::', 'is unspecified'],
  ['fe80::1', 'is link-local'],
  ['FEBF::1%eth0', 'is link-local'],
  ['ff02::1', 'is multicast'],
  ['fd00:ec2::254', metadata],
  ['fd00:0ec2:0:0:0:0:0:254', metadata],
  ['fd00:ec2::23', metadata],
  ['fd20:ce::254', metadata],
  ['::ffff:169.254.169.254', metadata],
  ['::ffff:a9fe:a9fe', metadata],
  ['0:0:0:0:0:ffff:169.254.169.254', metadata],
  ['::169.254.169.254', metadata],
  ['64:ff9b::a9fe:a9fe', metadata],
  ['2002:a9fe:a9fe::1', metadata],
])('refuses %s', (ip, problem) => {
  expect(addressProblem(ip)).toBe(problem)
})

it.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '1.2.3.0x4',
  '1::2::3',
  '1:2:3',
  ':1',
  'g::1',
  '::1.2.3',
])('takes %j for no address', (text) => expect(addressProblem(text)).toBe('is not an IP address'))

it.each(['localhost', '127.0.0.1', '127.255.0.9', '::1', '[::1]', '[::ffff:7f00:1]', '0:0::0:1'])(
  'knows that %s is this machine',
  (host) => expect(isLoopback(host)).toBe(true),
)

it.each([
  'localhost.example',
  '128.0.0.1',
  '::',
  '::2',
  '1::1',
  '::ffff:8000:1',
  '64:ff9b::7f00:1',
  '127.0.0',
  '127.0.0.1.example',
  '',
])('knows that %s is not', (host) => expect(isLoopback(host)).toBe(false))
