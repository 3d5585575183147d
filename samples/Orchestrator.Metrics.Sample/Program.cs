using Orchestrator.Metrics;
using Sample;
using Sample.Data;
using Sample.Demo;
using Sample.Engine;
using Sample.Metrics;

// appsettings.json lies beside the program, whatever folder it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    ContentRootPath = AppContext.BaseDirectory,
});

// Not in appsettings.json, which would win over ASPNETCORE_URLS.
builder.Configuration["urls"] ??= "http://localhost:5080";

// In place of the database and the workflow engine that a real host has anyway.
builder.Services.Configure<SampleOptions>(builder.Configuration.GetSection("Sample"));
builder.Services.AddDemoDatabase();
builder.Services.AddHostedService<SimulatedEngine>();

// Where the metrics come from: the host's own data.
builder.Services.AddScoped<ISubscriptionRepository, SubscriptionRepository>();
builder.Services.AddScoped<IProcessRepository, ProcessRepository>();
builder.Services.AddScoped<IWorkflowEngineRepository, WorkflowEngineRepository>();

builder.Services.AddOrchestratorMetrics()
    .AddCollector<FreeLicenceCollector>();

var app = builder.Build();
app.MapOrchestratorMetrics();
app.MapEngine();
app.MapGet("/", () => "The metrics are at /api/metrics.\n");
app.PrintAddressesOnceStarted();
app.Run();
