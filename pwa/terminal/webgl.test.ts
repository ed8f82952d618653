import { expect, test } from 'vitest';
import { isRealGpu } from './webgl.ts';

test('renderers in software are no GPU', () => {
  const names = [
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)',
    'llvmpipe (LLVM 15.0.6, 256 bits)',
    'Microsoft Basic Render Driver',
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060, D3D11)',
    'Apple M2',
  ];
  expect(names.map(isRealGpu)).toEqual([false, false, false, true, true]);
});
