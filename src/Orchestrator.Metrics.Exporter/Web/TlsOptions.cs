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

    /// <summary>The allowed names. A client certificate must contain at least one. Empty to allow all.</summary>
    public required IReadOnlyList<string> ClientNames { get; init; }

    public required SslProtocols Protocols { get; init; }

    /// <summary>The cipher suites in the order of preference; null for those of the system.</summary>
    public CipherSuitesPolicy? CipherSuites { get; init; }

    /// <summary>Whether to offer HTTP/2.</summary>
    public required bool Http2 { get; init; }

    /// <summary>The paths of the files in the section, in the order certificate, key, client CA.</summary>
    public IReadOnlyList<string> Files =>
        [.. new[] { Certificate, Key, ClientCa }.Select(pem => pem?.Path).OfType<string>()];
}

/// <summary>PEM in a file, or in the configuration itself.</summary>
/// <param name="Key">The key that sets it, for errors.</param>
/// <param name="Path">The path of the file; null if the text is in the configuration.</param>
/// <param name="Text">The text; null if it is in a file.</param>
internal sealed record PemText(string Key, string? Path, string? Text)
{
    /// <summary>The file or key that errors name.</summary>
    public string Source => Path ?? Key;

    /// <summary>Hides the text, which may be a private key.</summary>
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
