import { z } from 'zod';

// In a page zod must not compile its checks: the content security policy forbids it, and reports the attempt.
if ('document' in globalThis) z.config({ jitless: true });

export { z };
