//! The public holidays of mainland China with their make-up workdays.
//!
//! Source: the State Council's yearly notices, for 2025
//! <https://www.gov.cn/zhengce/zhengceku/202411/content_6986383.htm> and for 2026
//! <https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm>. The notice of a year comes out
//! in the November before; a new year is a few lines here.

use jiff::civil::{Date, date};

use super::holiday::DayKind::{self, Holiday, Workday};

/// First day, last day, and what the days between are, both ends included.
pub(super) static CHINA: [(Date, Date, DayKind); 24] = [
    (date(2025, 1, 1), date(2025, 1, 1), Holiday),
    (date(2025, 1, 26), date(2025, 1, 26), Workday),
    (date(2025, 1, 28), date(2025, 2, 4), Holiday),
    (date(2025, 2, 8), date(2025, 2, 8), Workday),
    (date(2025, 4, 4), date(2025, 4, 6), Holiday),
    (date(2025, 4, 27), date(2025, 4, 27), Workday),
    (date(2025, 5, 1), date(2025, 5, 5), Holiday),
    (date(2025, 5, 31), date(2025, 6, 2), Holiday),
    (date(2025, 9, 28), date(2025, 9, 28), Workday),
    (date(2025, 10, 1), date(2025, 10, 8), Holiday),
    (date(2025, 10, 11), date(2025, 10, 11), Workday),
    (date(2026, 1, 1), date(2026, 1, 3), Holiday),
    (date(2026, 1, 4), date(2026, 1, 4), Workday),
    (date(2026, 2, 14), date(2026, 2, 14), Workday),
    (date(2026, 2, 15), date(2026, 2, 23), Holiday),
    (date(2026, 2, 28), date(2026, 2, 28), Workday),
    (date(2026, 4, 4), date(2026, 4, 6), Holiday),
    (date(2026, 5, 1), date(2026, 5, 5), Holiday),
    (date(2026, 5, 9), date(2026, 5, 9), Workday),
    (date(2026, 6, 19), date(2026, 6, 21), Holiday),
    (date(2026, 9, 20), date(2026, 9, 20), Workday),
    (date(2026, 9, 25), date(2026, 9, 27), Holiday),
    (date(2026, 10, 1), date(2026, 10, 7), Holiday),
    (date(2026, 10, 10), date(2026, 10, 10), Workday),
];
