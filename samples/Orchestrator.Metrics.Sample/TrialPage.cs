namespace Sample;

/// <summary>The page at <c>/</c>, which consists of the files in the folder wwwroot.</summary>
internal static class TrialPage
{
    // Allows only files of this server, and neither scripts nor styles in the markup.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    public static void UseTrialPage(this WebApplication app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file => SetHeaders(file.Context.Response.Headers),
        });
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        // Browsers must not show the cached page of another version of the sample.
        headers.CacheControl = "no-cache";
    }
}
