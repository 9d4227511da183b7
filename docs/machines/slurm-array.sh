#!/usr/bin/env bash
# Untried under Slurm. What was tried there is `sbatch --wrap 'exec …'` with a worker, --requeue and no
# --signal. Submit it from the clone, whose folder and user cache every node must see, after one
# `npm run setup` on a node of the same kind:
#   sbatch --array=1-8 docs/machines/slurm-array.sh /path/of/worker.join
# A worker that is taken off its node gives its item back; --requeue starts it again.
#SBATCH --job-name=saliency-worker
#SBATCH --cpus-per-task=2
#SBATCH --requeue
# B: to the script, which is the worker by then; without it, to steps alone, of which there are none.
#SBATCH --signal=B:TERM@60
set -eu
join=${1:?give the path of the join file}
cd "$SLURM_SUBMIT_DIR"
# Without npm, whose shell passes no signal on; `exec` hands Slurm's signals to the worker. The threads are the
# run's, the same on every machine.
exec node scripts/cli.mjs worker --join "$join" --threads "$SLURM_CPUS_PER_TASK"
