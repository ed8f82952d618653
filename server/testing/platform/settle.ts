/** What happens to an app by itself as time goes by: compute comes up, deployments end, apps start or crash. */
import type { AppRecord, Deployment, PlatformState } from './state.ts';

/** Applies every change of this app that is due. */
export function settleApp(state: PlatformState, record: AppRecord, nowMs: number): void {
  for (;;) {
    record.due.sort((one, other) => one.atMs - other.atMs);
    const next = record.due[0];
    if (!next || next.atMs > nowMs) return;
    record.due.shift();
    apply(state, record, next.change);
  }
}

function apply(state: PlatformState, record: AppRecord, change: AppRecord['due'][number]['change']): void {
  const { app } = record;
  if (change === 'active') {
    app.compute_status = { state: 'ACTIVE', message: 'App compute is running.', active_instances: 1 };
    redeployLast(state, record);
  } else if (change === 'stopped') {
    app.compute_status = { state: 'STOPPED', message: 'App compute is stopped.' };
  } else if (change === 'gone') {
    delete state.apps[app.name];
  } else if (change === 'deployed') {
    endDeployment(record, 'SUCCEEDED', 'App started successfully');
    if (!state.settings.hasRunner) {
      record.due.push({ atMs: Date.now() + state.settings.delaysMs.appStart, change: 'running' });
    }
  } else {
    const crash = takeOutcome(state, `app ${app.name}`);
    app.app_status = crash
      ? { state: 'CRASHED', message: crash.message ?? 'App crashed unexpectedly.' }
      : { state: 'RUNNING', message: 'App has status: App is running' };
  }
}

/** `apps start` brings the last deployment back by itself. */
function redeployLast(state: PlatformState, record: AppRecord): void {
  const last = record.deployments.findLast(({ status }) => status.state === 'SUCCEEDED');
  if (last) beginDeployment(state, record, last);
}

/** From here on it is pending; a runner, or time, ends it. */
export function beginDeployment(state: PlatformState, record: AppRecord, deployment: Deployment): void {
  deployment.status = { state: 'IN_PROGRESS', message: 'Deployment is in progress' };
  record.app.pending_deployment = deployment;
  const outcome = takeOutcome(state, `deployment ${record.app.name}`);
  if (outcome?.state === 'FAILED' || outcome?.state === 'CANCELLED') {
    endDeployment(record, outcome.state, outcome.message ?? `Deployment ${outcome.state.toLowerCase()}`);
  } else if (!state.settings.hasRunner) {
    record.due.push({ atMs: Date.now() + state.settings.delaysMs.deploy, change: 'deployed' });
  }
}

export function endDeployment(record: AppRecord, outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED', message: string): void {
  const pending = record.app.pending_deployment;
  if (!pending) return;
  const deployment = record.deployments.find(({ deployment_id: id }) => id === pending.deployment_id)!;
  deployment.status = { state: outcome, message };
  deployment.update_time = new Date().toISOString();
  delete record.app.pending_deployment;
  if (outcome !== 'SUCCEEDED') return;
  record.app.active_deployment = deployment;
  record.app.default_source_code_path = deployment.source_code_path;
  record.app.app_status = { state: 'DEPLOYING', message: 'App is starting.' };
}

/** The scripted outcome of what the platform does by itself; the state is locked already, so it is counted here. */
export function takeOutcome(state: PlatformState, what: string): { state?: string; message?: string } | undefined {
  return state.faults.find((fault) => {
    if (!fault.state || !new RegExp(fault.on).test(what)) return false;
    const turn = fault.seen++;
    return turn >= (fault.skip ?? 0) && turn < (fault.skip ?? 0) + (fault.times ?? 1);
  });
}
