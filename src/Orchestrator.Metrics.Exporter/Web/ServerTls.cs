using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>The certificates and rules of TLS connections, for one version of their files. Thread-safe.</summary>
internal sealed partial class ServerTls
{
    private readonly TlsOptions _options;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _expiry;
    private int _hasWarned;

    private ServerTls(TlsOptions options, X509Certificate2 certificate, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        _expiry = certificate.NotAfter;
    }

    public bool VerifiesClients => _options.ClientCertificates == ClientCertificateMode.RequireAndVerifyClientCert;

    public bool RestrictsNames => _options.ClientNames.Count > 0;

    public required SslServerAuthenticationOptions Connection { get; init; }

    public string Source => _options.Certificate.Source;

    public string ExpiryText => _expiry.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    /// <summary>Reads the certificates of a section, and reads them again when their files change.</summary>
    /// <exception cref="ConfigurationException">A file cannot be read, or its content is invalid.</exception>
    public static FileValue<ServerTls> Watch(TlsOptions options, ILogger logger) =>
        new(options.Files, (texts, _) => Load(options, texts, logger), logger);

    public bool HasExpired(DateTimeOffset now) => now > _expiry;

    /// <summary>
    /// Warns once. An expired certificate is still served: most clients report the reason, and clients that skip
    /// verification keep working.
    /// </summary>
    public void WarnIfExpired(DateTimeOffset now)
    {
        if (HasExpired(now) && Interlocked.Exchange(ref _hasWarned, 1) == 0)
            LogExpired(Source, ExpiryText);
    }

    private static ServerTls Load(TlsOptions options, IReadOnlyList<string> files, ILogger logger)
    {
        var texts = new Queue<string>(files);
        var certificatePem = GetText(options.Certificate);
        var served = LoadServed(options, certificatePem, GetText(options.Key));
        var clients = new ClientCertificates(
            options.ClientCertificates,
            options.ClientCa is { } ca ? LoadClientCa(ca, GetText(ca)) : [],
            options.ClientNames);
        return new ServerTls(options, served.TargetCertificate, logger)
        {
            Connection = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = served,
                ApplicationProtocols = options.Http2
                    ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]
                    : [SslApplicationProtocol.Http11],
                EnabledSslProtocols = options.Protocols,
                CipherSuitesPolicy = options.CipherSuites,
                ClientCertificateRequired = clients.AreRequested,
                CertificateChainPolicy = clients.ChainPolicy,
                RemoteCertificateValidationCallback = (_, given, _, errors) => clients.Accepts(given, errors),

                // A resumed session would skip the checks of a client certificate, whose CA may have changed.
                AllowTlsResume = !clients.AreRequested,
            },
        };

        string GetText(PemText pem) => pem.Text ?? texts.Dequeue();
    }

    private static SslStreamCertificateContext LoadServed(TlsOptions options, string certificatePem, string keyPem)
    {
        var chain = ImportAll(options.Certificate, certificatePem);
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw CreateError(
                options.Key, "The private key is encrypted. Decrypt it: openssl pkey -in old.key -out new.key.");
        try
        {
            // Offline: a certificate must not make the exporter fetch an address.
            return SslStreamCertificateContext.Create(LoadPair(certificatePem, keyPem), chain, offline: true);
        }
        catch (Exception exception)
            when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            // Omits the message, which is about C# parameters.
            throw CreateError(
                options.Certificate,
                $"The certificate cannot be used with the key '{options.Key.Source}'. Both must be PEM and belong " +
                "together. The first certificate must be that of the server, with an RSA or ECDSA key.");
        }
    }

    private static X509Certificate2 LoadPair(string certificatePem, string keyPem)
    {
        var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        if (!OperatingSystem.IsWindows())
            return certificate;

        // Windows cannot serve a certificate whose key is only in memory.
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static X509Certificate2Collection LoadClientCa(PemText ca, string pem)
    {
        var certificates = ImportAll(ca, pem);
        return certificates.Any(IsRoot)
            ? certificates
            : throw CreateError(ca, "The root certificate is missing. Add the root of the client CA, in PEM.");
    }

    private static bool IsRoot(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static X509Certificate2Collection ImportAll(PemText source, string pem)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates;
        }
        catch (CryptographicException)
        {
            throw CreateError(source, "A certificate is invalid. Write certificates in PEM.");
        }
    }

    private static ConfigurationException CreateError(PemText pem, string message) => new([$"{pem.Source}: {message}"]);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The certificate {File} expired at {Expiry}. It is still served, but Prometheus rejects it. " +
        "Replace it.")]
    private partial void LogExpired(string file, string expiry);
}
