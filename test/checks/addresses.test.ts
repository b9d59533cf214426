import { addressBlock } from '../../src/checks';

test.each(['10.20.0.0/16', '10.20.30.40/32', '0.0.0.0/0', '192.168.254.0/23', 'fd00::/8', '::/0'])('%s is a block of addresses', block => {
  expect(addressBlock(block)).toBeUndefined();
});

test.each(['10.20.0.0', '10.20.0/16', '10.256.0.0/16', '10.20.0.0/33', 'fd00::/129', ':::/8', '010.0.0.0/8', 'localhost/8', ''])('%j is none', block => {
  expect(addressBlock(block)).toContain(`needs an address block, got "${block}"`);
});

test('an address within a block is not taken for the block', () => {
  expect(addressBlock('10.20.255.1/15')).toBe(
    'names an address within a block, "10.20.255.1/15"; write "10.20.0.0/15" for the block or "10.20.255.1/32" for the address');
  expect(addressBlock('255.255.255.255/1')).toContain('write "128.0.0.0/1"');
});
