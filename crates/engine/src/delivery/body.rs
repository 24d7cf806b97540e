//! The body of a request by the operator's own template, where the way out has one.

use std::sync::Arc;

use balefire_channels::channel::{BodyForm, Channel};
use balefire_core::message::Message;
use balefire_template::escape::Escape;
use balefire_template::sandbox::Sandbox;
use balefire_template::template::RenderError;

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The template is wrong; nothing else can be sent to an interface that nobody else knows.
    #[error("the template of its body failed: {0}")]
    Template(RenderError),
    /// No worker had time for it.
    #[error("no template worker was free")]
    Busy,
}

/// How values are put into a body without becoming a part of its form.
pub fn escape(form: BodyForm) -> Escape {
    match form {
        BodyForm::Json => Escape::Json,
        BodyForm::Form => Escape::Form,
        BodyForm::Text => Escape::None,
    }
}

/// The message with the body that its way out makes of it.
pub(crate) async fn with_body(
    sandbox: &Sandbox,
    message: Arc<Message>,
    channel: &dyn Channel,
    id: &str,
) -> Result<Arc<Message>, BodyError> {
    let Some(template) = channel.body_template() else {
        return Ok(message);
    };
    let form = escape(template.form);
    let rendered = sandbox.body(&template.source, &message, id, &template.params, form);
    let body = rendered.await.map_err(|error| match error {
        RenderError::Busy | RenderError::Unavailable(_) => BodyError::Busy,
        error => BodyError::Template(error),
    })?;
    let mut message = Message::clone(&message);
    message.custom.get_or_insert_default().body = body;
    Ok(Arc::new(message))
}
