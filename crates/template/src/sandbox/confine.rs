//! A worker shuts itself in before it reads anything: after this it can compute and talk to its pool.

#[cfg(target_os = "linux")]
pub(super) use linux::confine;

/// Elsewhere there is no filter of system calls, so workers do no work and default messages go out.
#[cfg(not(target_os = "linux"))]
pub(super) fn confine() -> Result<bool, String> {
    Err("template workers need Linux".to_owned())
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    use rustix::thread::set_no_new_privs;
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };

    /// Bytes of address space. The largest honest rendering stays far below it.
    const MEMORY: u64 = 256 * 1024 * 1024;
    /// Seconds of processor time over a worker's whole life; the pool stops single renderings earlier and
    /// retires workers, so this ends only one that lost its pool.
    const PROCESSOR: u64 = 60;

    /// Gives up all that rendering does not need; tells whether the filter of system calls holds too (a
    /// few container runtimes refuse it, and the limits alone already allow neither files nor sockets).
    pub(in crate::sandbox) fn confine() -> Result<bool, String> {
        let refused = |what: &str, error: rustix::io::Errno| format!("{what}: {error}");
        set_no_new_privs(true).map_err(|error| refused("no_new_privs", error))?;
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(|error| refused("dumpable", error))?;
        for (resource, most) in [
            (Resource::As, MEMORY),
            (Resource::Data, MEMORY),
            (Resource::Cpu, PROCESSOR),
            (Resource::Core, 0),
            (Resource::Fsize, 0),
            (Resource::Nproc, 0),
            // Standard input and output are open already; nothing else can be opened.
            (Resource::Nofile, 0),
        ] {
            let limit = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            setrlimit(resource, limit).map_err(|error| refused("limit", error))?;
        }
        Ok(filter().is_ok_and(|filter| seccompiler::apply_filter(&filter).is_ok()))
    }

    /// The system calls of computing: memory, reading and writing what is open, time, ending. All others
    /// answer "not permitted".
    fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
        let free = [
            libc::SYS_read,
            libc::SYS_write,
            libc::SYS_readv,
            libc::SYS_writev,
            libc::SYS_close,
            libc::SYS_mmap,
            libc::SYS_munmap,
            libc::SYS_mremap,
            libc::SYS_madvise,
            libc::SYS_mprotect,
            libc::SYS_brk,
            libc::SYS_futex,
            libc::SYS_sched_yield,
            libc::SYS_nanosleep,
            libc::SYS_clock_nanosleep,
            libc::SYS_clock_gettime,
            libc::SYS_gettimeofday,
            libc::SYS_getrandom,
            libc::SYS_getpid,
            libc::SYS_gettid,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            libc::SYS_sigaltstack,
            libc::SYS_restart_syscall,
            libc::SYS_exit,
            libc::SYS_exit_group,
        ];
        // Aborting on lack of memory signals one's own thread; no other process may be signalled.
        let own = u64::from(std::process::id());
        let to_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own)?;
        let rules = free
            .into_iter()
            .map(|call| (call, Vec::new()))
            .chain([(libc::SYS_tgkill, vec![SeccompRule::new(vec![to_itself])?])])
            .collect();
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        let arch = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules, refuse, SeccompAction::Allow, arch)?.try_into()
    }
}
