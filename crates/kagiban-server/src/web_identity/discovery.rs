//! From a provider's address to its keys: the configuration says where they are.

use http::Uri;
use kagiban_iam::web_identity_keys::ProviderAddress;
use serde::Deserialize;

use super::https::{Https, HttpsError, Reach};

/// Where a provider's configuration is, below its address (OpenID Connect Discovery 1.0, section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// As much of a provider's configuration as is needed.
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

/// The provider's key set.
pub(super) async fn key_set(https: &Https, provider: &ProviderAddress) -> Result<Vec<u8>, HttpsError> {
    let issuer = format!("https://{}", provider.host_and_path);
    let address = uri(&format!("{}{WELL_KNOWN}", issuer.strip_suffix('/').unwrap_or(&issuer)))?;
    let answer = https.get(&address, &provider.thumbprints, Reach::Anywhere).await?;
    let configuration: Configuration =
        serde_json::from_slice(&answer.body).map_err(HttpsError::UnreadableConfiguration)?;
    if configuration.issuer != issuer {
        return Err(HttpsError::OtherIssuer);
    }
    let keys_at = uri(&configuration.jwks_uri)?;
    // A provider out in the world cannot make us call a machine inside.
    let is_inside = answer.is_private || keys_at.authority() == address.authority();
    let reach = if is_inside { Reach::Anywhere } else { Reach::PublicOnly };
    Ok(https.get(&keys_at, &provider.thumbprints, reach).await?.body)
}

/// An address that may be called: HTTPS, a host, nothing like a password.
fn uri(text: &str) -> Result<Uri, HttpsError> {
    let uri: Uri = text.parse().map_err(|_| HttpsError::Address)?;
    let has_user = uri.authority().is_none_or(|authority| authority.as_str().contains('@'));
    if uri.scheme_str() != Some("https") || has_user { Err(HttpsError::Address) } else { Ok(uri) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in ["https://a.example", "https://a.example:8443/x?y=z", "https://[::1]/keys"] {
            assert!(uri(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "a.example",
            "/keys",
            "http://a.example/",
            "file:///etc/passwd",
            "https://user@a.example/",
            "https://user:word@a.example/",
            "https:///keys",
            "https://a b/",
            "ftp://a.example/",
        ] {
            assert!(matches!(uri(text), Err(HttpsError::Address)), "{text}");
        }
    }
}
