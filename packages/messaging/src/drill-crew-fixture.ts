import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { systemClock } from '@plinth/core';

import { crashPoints } from './crash-point.ts';
import type { Place, Role, WorkerOptions } from './drill-options-fixture.ts';

const worker = fileURLToPath(new URL('drill-worker-fixture.ts', import.meta.url));
const each = 3;
const crashShare = 0.2;
const stopShare = 0.25;
const stopMsMax = 3_500;
const endMs = 15_000;
const pollMs = 20;

interface Member {
  readonly role: Role;
  readonly child: ChildProcess;
  /** Until then nobody strikes it. */
  readonly ready: Promise<unknown>;
  isReady: boolean;
  isStopped: boolean;
}

/** Three processes of each role; who dies is replaced. */
export class Crew {
  readonly faults: Record<string, number> = {};
  last = '';
  readonly #place: Place;
  readonly #random: () => number;
  readonly #members = new Set<Member>();
  readonly #waking: Promise<void>[] = [];
  readonly #struck = new WeakSet<ChildProcess>();
  #isEnding = false;

  constructor(place: Place, random: () => number) {
    this.#place = place;
    this.#random = random;
  }

  async start(): Promise<void> {
    // Who subscribes first hears all.
    await this.#hireAll(['consumer']);
    await this.#hireAll(['relay', 'publisher']);
  }

  async #hireAll(roles: readonly Role[]): Promise<void> {
    const members = roles.flatMap((role) =>
      Array.from({ length: each }, () => this.#hire(role, undefined)),
    );
    await Promise.all(members.map(({ ready }) => ready));
  }

  count(what: string): void {
    this.last = what;
    this.faults[what] = (this.faults[what] ?? 0) + 1;
  }

  /** Kills one, or stops it for a while. */
  async strike(): Promise<void> {
    const victim = await this.#findVictim();
    if (victim.role !== 'publisher' && this.#random() < stopShare) {
      this.count(`${victim.role} stopped`);
      this.#stop(victim, this.#random() * stopMsMax);
      return;
    }
    this.count(`${victim.role} killed`);
    this.#struck.add(victim.child);
    victim.child.kill('SIGKILL');
  }

  /** Waits for one that works: who is just starting or stopped has nothing to lose. */
  async #findVictim(): Promise<Member> {
    for (;;) {
      const able = [...this.#members].filter(({ isReady, isStopped }) => isReady && !isStopped);
      const victim = able[Math.floor(this.#random() * able.length)];
      if (victim !== undefined && able.length > each) return victim;
      await systemClock.sleep(pollMs, new AbortController().signal);
    }
  }

  /** What they have acknowledged is final. */
  async endPublishers(): Promise<void> {
    this.#isEnding = true;
    const publishers = [...this.#members].filter(({ role }) => role === 'publisher');
    await Promise.all(
      publishers.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        const late = AbortSignal.timeout(endMs);
        await Promise.race([exit, once(late, 'abort')]);
        child.kill('SIGKILL');
      }),
    );
  }

  /** From here on nobody is stopped or missing. */
  async heal(): Promise<void> {
    await Promise.all(this.#waking);
    for (const role of ['relay', 'consumer'] as const) {
      const there = [...this.#members].filter((member) => member.role === role);
      if (there.length === 0) await this.#hire(role, undefined).ready;
    }
  }

  async killAll(): Promise<void> {
    this.#isEnding = true;
    for (const { child } of this.#members) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const exit = isOver ? undefined : once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }

  #hire(role: Role, crashAt: string | undefined): Member {
    const options: WorkerOptions = { ...this.#place, role, crashAt };
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', process.execPath, worker, JSON.stringify(options)],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const ready = Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
    const member: Member = { role, child, ready, isReady: false, isStopped: false };
    this.#members.add(member);
    void this.#welcome(member);
    child.once('exit', () => {
      this.#members.delete(member);
      if (crashAt !== undefined && !this.#struck.has(child)) {
        this.count(`${role} crashed at ${crashAt}`);
      }
      if (!this.#isEnding) this.#hire(role, this.#drawPoint(role));
    });
    return member;
  }

  /** Some of those who come die at a named point as soon as they reach it. */
  #drawPoint(role: Role): string | undefined {
    if (role === 'publisher' || this.#random() >= crashShare) return undefined;
    const own = crashPoints.filter((point) => {
      const isRelays = point.startsWith('relay.');
      const isBrokers = point === 'relay.published' || point.startsWith('queue.');
      const has = this.#place.transport !== 'postgres' || !isBrokers;
      return has && isRelays === (role === 'relay');
    });
    return own[Math.floor(this.#random() * own.length)];
  }

  #stop(victim: Member, ms: number): void {
    victim.isStopped = true;
    victim.child.kill('SIGSTOP');
    const { signal } = new AbortController();
    const wake = async () => {
      await systemClock.sleep(ms, signal);
      victim.isStopped = false;
      victim.child.kill('SIGCONT');
    };
    this.#waking.push(wake());
  }

  async #welcome(member: Member): Promise<void> {
    await member.ready;
    member.isReady = true;
  }
}
