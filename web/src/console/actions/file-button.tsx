/** A button that asks for a picture, and hands it on. */
export function FileButton({ label, onChoose }: { label: string; onChoose(file: File): void }) {
  return (
    <label class="button">
      {label}
      <input
        type="file"
        accept="image/*"
        class="visually-hidden"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // So that the same file can be chosen again.
          currentTarget.value = "";
          if (file) {
            onChoose(file);
          }
        }}
      />
    </label>
  );
}
