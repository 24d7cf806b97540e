//! What a notification is about, as small as can be: words are made when it is sent.

use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::label::Labels;
use balefire_core::message::{Message, Status};
use serde::{Deserialize, Serialize};

/// The payload of a notification row. Variants are only ever appended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// A group's flush.
    Group(GroupContent),
    /// A ready message (direct, meta, test), sent through the receiver's own integration.
    Fixed {
        /// The message, JSON.
        message: Arc<str>,
    },
    /// A ready message, sent through an account with options of its own.
    Direct {
        /// The message, JSON.
        message: Arc<str>,
        /// The receiver options the channel is opened with, JSON.
        options: Arc<str>,
    },
    /// A page: a ready message for one person, sent through an account with options of its own.
    Page(PageContent),
    /// A call by which a person's telephone is verified when somebody answers it.
    Verify(VerifyContent),
}

/// Which address of whom is verified by an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifies {
    /// The person's key.
    pub(crate) person: Arc<str>,
    /// The hash of the address.
    pub(crate) address: [u8; 16],
}

/// A call that verifies an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VerifyContent {
    /// The message, JSON.
    pub(crate) message: Arc<str>,
    /// The receiver options the channel is opened with, JSON.
    pub(crate) options: Arc<str>,
    /// What is verified.
    pub(crate) verifies: Verifies,
}

/// Whom a page calls, by what, and for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PageContent {
    /// The message, JSON.
    pub(crate) message: Arc<str>,
    /// The receiver options the channel is opened with, JSON.
    pub(crate) options: Arc<str>,
    /// The key of who is paged.
    pub(crate) person: Arc<str>,
    /// The incidents' numbers.
    pub(crate) incidents: Vec<u64>,
}

/// Which episodes of which group are to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupContent {
    /// The group.
    pub(crate) group: u64,
    /// Alertmanager's key of the route.
    pub(crate) route_key: Arc<str>,
    /// What the group is keyed by.
    pub(crate) group_labels: Labels,
    /// Why it is told, in Alertmanager's words.
    pub(crate) reason: Arc<str>,
    /// The episodes, with the status they had when it was decided.
    pub(crate) episodes: Vec<(Episode, Status)>,
    /// Those among them whose firing was never told because it was replaced while waiting.
    pub(crate) untold: Vec<Episode>,
    /// For a fallback's notification: the integration whose obligation it is.
    pub(crate) origin: Option<Arc<str>>,
}

impl Content {
    /// A message that is ready.
    pub(crate) fn fixed(message: &Message) -> Self {
        Self::Fixed {
            message: json(message),
        }
    }

    /// A message that is ready, for an account opened with these options.
    pub(crate) fn direct(message: &Message, options: &serde_json::Value) -> Self {
        Self::Direct {
            message: json(message),
            options: options.to_string().into(),
        }
    }

    /// A call that verifies an address.
    pub(crate) fn verify(
        message: &Message,
        options: &serde_json::Value,
        verifies: &Verifies,
    ) -> Self {
        Self::Verify(VerifyContent {
            message: json(message),
            options: options.to_string().into(),
            verifies: verifies.clone(),
        })
    }

    /// A page of a person.
    pub(crate) fn page(
        message: &Message,
        options: &serde_json::Value,
        (person, incidents): (&Arc<str>, &[u64]),
    ) -> Self {
        Self::Page(PageContent {
            message: json(message),
            options: options.to_string().into(),
            person: Arc::clone(person),
            incidents: incidents.to_vec(),
        })
    }

    /// A ready message with the options that its account is opened with; `None` for what goes by a receiver.
    pub(crate) fn own_way(&self) -> Option<(&Arc<str>, &Arc<str>)> {
        match self {
            Self::Direct { message, options } => Some((message, options)),
            Self::Page(page) => Some((&page.message, &page.options)),
            Self::Verify(call) => Some((&call.message, &call.options)),
            Self::Group(_) | Self::Fixed { .. } => None,
        }
    }

    /// The bytes of the row.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // Every part serialises without a failure of its own: no map with odd keys, no I/O.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads the bytes of a row; `None` when they are not ours.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    /// The same for the fallback of `integration`.
    pub(crate) fn handed_over_by(&self, integration: &Arc<str>) -> Self {
        match self {
            Self::Group(group) => {
                let origin = group
                    .origin
                    .clone()
                    .or_else(|| Some(Arc::clone(integration)));
                Self::Group(GroupContent {
                    origin,
                    ..group.clone()
                })
            }
            Self::Fixed { .. } | Self::Direct { .. } | Self::Page(_) | Self::Verify(_) => {
                self.clone()
            }
        }
    }

    /// The episodes it is about.
    pub(crate) fn episodes(&self) -> &[(Episode, Status)] {
        match self {
            Self::Group(group) => &group.episodes,
            Self::Fixed { .. } | Self::Direct { .. } | Self::Page(_) | Self::Verify(_) => &[],
        }
    }
}

fn json(message: &Message) -> Arc<str> {
    serde_json::to_string(message).unwrap_or_default().into()
}

impl GroupContent {
    /// Whether it says that everything is over.
    pub(crate) fn is_over(&self) -> bool {
        let over = |(_, status): &(Episode, Status)| *status == Status::Resolved;
        self.episodes.iter().all(over)
    }

    /// Takes over what `older`, which was never sent, still had to say.
    ///
    /// An episode that has since resolved here keeps its newer status and is marked as untold; one that this
    /// flush no longer holds is carried along.
    pub(crate) fn absorb(&mut self, older: &Self) {
        let untold_before = older.untold.iter().copied();
        let firing_before = older
            .episodes
            .iter()
            .filter(|(_, status)| *status == Status::Firing)
            .map(|(episode, _)| *episode);
        for episode in untold_before.chain(firing_before) {
            if !self.untold.contains(&episode) {
                self.untold.push(episode);
            }
        }
        for (episode, status) in &older.episodes {
            if !self.episodes.iter().any(|(mine, _)| mine == episode) {
                self.episodes.push((*episode, *status));
            }
        }
        self.episodes.sort_unstable_by_key(|(episode, _)| *episode);
    }

    /// Whether everything `older` says is said here too, also after a restart, when nothing but the rows is
    /// left: then its row can go at once. An end that was told as firing before it was told here must be
    /// known as missed here, or the older row has to stay until this one is told.
    pub(crate) fn covers(&self, older: &Self) -> bool {
        older.episodes.iter().all(|(episode, status)| {
            let here = self.episodes.iter().find(|(mine, _)| mine == episode);
            match here {
                None => false,
                Some((_, Status::Firing)) => true,
                Some((_, Status::Resolved)) => {
                    let heard = *status == Status::Resolved && !older.untold.contains(episode);
                    heard || self.untold.contains(episode)
                }
            }
        })
    }
}
