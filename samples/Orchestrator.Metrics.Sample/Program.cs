using System.Data.Common;
using Npgsql;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics;
using Sample;
using Sample.Demo;
using Sample.Engine;
using Sample.Metrics;

// appsettings.json and wwwroot are next to the program, not in the working directory.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    ContentRootPath = AppContext.BaseDirectory,
});

// Set in code, because appsettings.json would override ASPNETCORE_URLS.
builder.Configuration["urls"] ??= "http://localhost:5080";

// Exposes the metrics of a database with the tables of orchestrator-core. The section OrchestratorMetrics of
// appsettings.json and the environment set options, for example OrchestratorMetrics__FailurePolicy=ReportAndContinue.
var metrics = builder.Services.AddOrchestratorMetrics().AddRelationalRepositories();

// Adds metrics of stuck processes and of processes that ended in the last hour. Off by default, because these metrics
// need two more queries.
metrics.AddOperationalMetrics();

var orchestrator = builder.Configuration.GetConnectionString("Orchestrator");
var isDemo = string.IsNullOrWhiteSpace(orchestrator);
if (!isDemo)
{
    // A real database, which the sample only reads.
    builder.Services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(orchestrator!));
}
else
{
    // A demo database with an additional table, and an engine that changes the data.
    builder.Services.AddDemoDatabase();
    builder.Services.Configure<SampleOptions>(builder.Configuration.GetSection("Sample"));
    builder.Services.AddHostedService<SimulatedEngine>();
    metrics.AddCollector<FreeLicenceCollector>();

    // A .NET histogram, which the view turns into a native histogram.
    metrics.AddMeters(SimulatedEngine.MeterName);
    builder.Services.AddOpenTelemetry().WithMetrics(meters => meters.AddView(
        SimulatedEngine.Tick, new Base2ExponentialBucketHistogramConfiguration()));

    // With one meter, scope labels are unnecessary. The other two options would lengthen the exposition.
    builder.Services.Configure<MeterCollectorOptions>(options =>
        (options.ScopeLabels, options.CreatedTimestamps, options.TargetInfo) = (false, false, false));
}

var app = builder.Build();
app.MapOrchestratorMetrics();
if (isDemo)
    app.MapEngine();
app.UseTrialPage();
app.PrintAddressesOnceStarted(isDemo);
app.Run();
