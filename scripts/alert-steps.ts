interface Steps {
  /** The command to begin with. */
  readonly first: string;
  /** What its answer means, and where to read on. */
  readonly next: string;
}

const metrics = 'plinth metrics';
const slow = 'plinth slow';
const latency: Steps = {
  first: slow,
  next: 'One statement on top: its plan has changed, or an index is missing. Many: look for waiting connections (`plinth metrics`, db-pool) and for a busy disk. None: the process itself is busy; see EventLoopDelay and GcTime. [database](database.md)',
};
const machine: Steps = {
  first: metrics,
  next: 'The lamp names the machine. What uses it up: `top`, `iostat -x 5`, `free -m`. A process of the product: `plinth slow` says what it does.',
};
const busyProcess: Steps = {
  first: metrics,
  next: 'The lamp names the process. A large import or export, or password checks in a row, are the usual cause; the route with the long p99 tells.',
};
const outbox: Steps = {
  first: 'curl -s http://127.0.0.1:9464/ops/v1/health',
  next: 'A subscription that fails again and again holds up what is behind it. [outbox](outbox.md)',
};
const jobs: Steps = {
  first: 'curl -s http://127.0.0.1:9464/ops/v1/health',
  next: 'Too few workers, or a job that does not end. [jobs](jobs.md)',
};
const pool: Steps = {
  first: slow,
  next: 'Connections are held by slow statements or long transactions; more of them helps only if the database has processor time left. [database](database.md)',
};
const telemetry: Steps = {
  first: metrics,
  next: 'The counter names the metric; its label has values that it should not have.',
};
const notAnswering: Steps = {
  first: 'curl -s http://127.0.0.1:9464/ops/v1/health',
  next: 'It names the check that is down, and why. [start](start.md), [database](database.md)',
};

/** What to do first about each alert; the index of runbooks is rendered with it. */
export const firstSteps: Readonly<Record<string, Steps>> = {
  LatencyP95: latency,
  LatencyP99: latency,
  Http5xxRate: {
    first: metrics,
    next: 'The table names the route. Its errors stand in the log: `grep \'"level":"error"\' .plinth/plinth.log | tail -5`.',
  },
  ThroughputDrop: {
    first: metrics,
    next: 'No requests arrive, or they are turned away: look at the gateway and at DNS before the product.',
  },
  MachineCpu: machine,
  MachineMemory: machine,
  DiskIo: machine,
  GcTime: busyProcess,
  ThreadPoolWait: busyProcess,
  EventLoopDelay: busyProcess,
  DbPool: pool,
  DbPoolWaiting: pool,
  ReplicationLag: {
    first: metrics,
    next: 'Reads go to the primary meanwhile. A long transaction on the replica, or a bulk load on the primary. [database](database.md)',
  },
  RedisMemory: {
    first: metrics,
    next: 'What is cached goes by its age; a limit that is too low only costs hits.',
  },
  SloBurnFast: latency,
  SloBurnSlow: latency,
  InstanceDown: notAnswering,
  HealthCriticalDown: notAnswering,
  OutboxLag: outbox,
  DeliveryBehind: outbox,
  DeadLetters: outbox,
  DeliveryPaused: outbox,
  JobsLate: jobs,
  JobDead: jobs,
  ScheduleMissed: jobs,
  CacheHitLow: {
    first: metrics,
    next: 'After a start it is low for some minutes. Else something invalidates too much: `plinth_cache_misses_total` by reason.',
  },
  RealtimeDrops: {
    first: metrics,
    next: 'Browsers that read too slowly are dropped and begin anew; many at once mean that the process is busy.',
  },
  FdNearLimit: {
    first: metrics,
    next: 'Connections that nobody closes, or a limit that is too low: `ulimit -n`.',
  },
  TelemetryCardinality: telemetry,
  Watchdog: { first: metrics, next: 'It fires always. Nothing to do, unless it stops.' },
};
