//! Room on the disk that holds the data.

use std::path::Path;

use super::{Finding, Verdict};

/// Less room than this is a problem, in bytes.
const LITTLE: u64 = 512 * 1024 * 1024;
/// Less than one part in so many is worth a word.
const SHARE: u64 = 10;

/// Looks at the folder's file system.
pub(super) fn look(folder: Option<&Path>) -> Option<Finding> {
    let folder = folder?;
    let name = folder.display();
    let room = match rustix::fs::statvfs(folder) {
        Ok(room) => room,
        Err(error) => {
            return Some(Finding::of(
                "disk",
                Verdict::Skipped,
                format!("{name}: {error}"),
                "run it on the node's own machine, or name the folder with --data",
            ));
        }
    };
    let unit = room.f_frsize.max(1);
    Some(judge(
        &name.to_string(),
        room.f_bavail.saturating_mul(unit),
        room.f_blocks.saturating_mul(unit),
    ))
}

fn judge(name: &str, free: u64, whole: u64) -> Finding {
    let seen = format!(
        "{:.1} of {:.1} GB free in {name}",
        free as f64 / 1e9,
        whole as f64 / 1e9
    );
    let fix =
        "make room, or shorten retention: in the document; a full disk refuses new alerts with 507";
    if free < LITTLE {
        Finding::problem("disk", seen, fix)
    } else if free < whole / SHARE {
        Finding::advice("disk", seen, fix)
    } else {
        Finding::good("disk", seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_problem_and_a_small_share_is_worth_a_word() {
        let verdict = |free, whole| judge("/data", free, whole).verdict;
        assert_eq!(verdict(LITTLE - 1, LITTLE), Verdict::Problem);
        assert_eq!(verdict(LITTLE, LITTLE * SHARE - SHARE), Verdict::Good);
        assert_eq!(verdict(LITTLE, LITTLE * SHARE * 2), Verdict::Advice);
    }

    #[test]
    fn a_folder_that_is_not_here_is_not_judged() {
        let finding = look(Some(Path::new("/no/such/folder"))).expect("a finding");
        assert_eq!(finding.verdict, Verdict::Skipped);
        assert_eq!(look(None), None);
    }
}
