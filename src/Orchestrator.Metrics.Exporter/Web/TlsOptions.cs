using System.Net.Security;
using System.Security.Authentication;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>The section <c>tls_server_config</c> of a web configuration file, and the setting for HTTP/2.</summary>
internal sealed record TlsOptions
{
    public required PemText Certificate { get; init; }

    public required PemText Key { get; init; }

    public required ClientCertificateMode ClientCertificates { get; init; }

    public PemText? ClientCa { get; init; }

    // A client certificate must contain at least one of these names. Empty to allow all.
    public required IReadOnlyList<string> ClientNames { get; init; }

    public required SslProtocols Protocols { get; init; }

    /// <summary>The cipher suites in the order of preference; null for those of the system.</summary>
    public CipherSuitesPolicy? CipherSuites { get; init; }

    public required bool Http2 { get; init; }

    // In the order certificate, key, client CA.
    public IReadOnlyList<string> Files =>
        [.. new[] { Certificate, Key, ClientCa }.Select(pem => pem?.Path).OfType<string>()];
}

/// <summary>PEM in a file, or in the configuration itself: either the path or the text is null.</summary>
internal sealed record PemText(string Key, string? Path, string? Text)
{
    public string Source => Path ?? Key;

    // The text may be a private key.
    public override string ToString() => Source;
}

/// <summary>The values of <c>client_auth_type</c>, as in Go (crypto/tls, ClientAuthType).</summary>
internal enum ClientCertificateMode
{
    NoClientCert,
    RequestClientCert,
    RequireAnyClientCert,
    VerifyClientCertIfGiven,
    RequireAndVerifyClientCert,
}
