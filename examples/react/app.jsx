import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { useCostGuard, useJobPolling, useJobRecovery, useJobStatus } from "loresmith/react";
import {
  CompactProgressTracker,
  CostGuardDialog,
  NetworkStatus,
  ProgressTracker,
  RecoveryToast,
} from "loresmith/react-ui";

function App() {
  const { jobs, completedWhileAway, dismiss } = useJobRecovery();
  const [viewed, setViewed] = useState(null);
  return (
    <>
      <h1>Characters</h1>
      <NetworkStatus />
      <NewCharacters />
      {jobs.length > 0 && <h2>Still being written</h2>}
      {jobs.map((job) => (
        <div key={job.id}>
          <CompactProgressTracker job={job} />
        </div>
      ))}
      {viewed && <RecoveredJob id={viewed} />}
      <RecoveryToast
        jobs={completedWhileAway}
        onDismiss={dismiss}
        onView={(job) => (setViewed(job.id), dismiss(job.id))}
      />
    </>
  );
}

function NewCharacters() {
  const guard = useCostGuard();
  const [theme, setTheme] = useState("fantasy");
  const [characters, setCharacters] = useState([]);
  const { submit, job, isPolling, partial, error, cancel, retry } = useJobPolling(
    (result) => setCharacters(result),
    undefined,
    { onConfirmCost: guard.confirm },
  );
  const onSubmit = (event) => {
    event.preventDefault();
    submit({ type: "generate_characters", payload: { theme, count: 3 } });
  };
  return (
    <>
      <form onSubmit={onSubmit}>
        <label>
          Theme <input value={theme} onChange={(event) => setTheme(event.target.value)} required />
        </label>{" "}
        <button disabled={isPolling}>Write three characters</button>
      </form>
      <ProgressTracker job={job} onCancel={cancel} onRetry={retry} showDetails />
      {error && error !== job?.error && <p role="alert">{error}</p>}
      {isPolling && <pre>{partial.text}</pre>}
      <Characters all={characters} />
      <CostGuardDialog guard={guard} />
    </>
  );
}

function RecoveredJob({ id }) {
  const { job } = useJobStatus(id);
  return <Characters all={job?.result ?? []} />;
}

function Characters({ all }) {
  return (
    <ul>
      {all.map(({ name, description }) => (
        <li key={name}>
          <strong>{name}</strong> {description}
        </li>
      ))}
    </ul>
  );
}

createRoot(document.getElementById("app")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
